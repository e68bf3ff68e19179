/** The port to a cluster. What cannot be done throws an AppError of the catalogue; each call is bounded in time and size. */
import type { KindRef, LiveObject, ObjectRef, WantedObject } from './kube-object.ts';
import type { Resources } from './resources.ts';

export interface Cluster {
  /** Its address, for messages. */
  readonly server: string;
  /** Where objects lie that name none. */
  readonly namespace: string;
  /** Asked once. */
  resources(): Promise<Resources>;
  /** Undefined where there is none. */
  get(ref: ObjectRef): Promise<LiveObject | undefined>;
  /** All of them, page by page. Throws kind_unknown where the cluster has no such kind. */
  list(kind: KindRef, which?: Which): Promise<readonly LiveObject[]>;
  /** What there is, and then what changes, for as long as somebody listens. */
  watch(kind: KindRef, which?: Which): AsyncIterable<WatchEvent>;
  /** Server-side apply: what is there has these fields afterwards, and those that its manager no longer names are dropped. */
  apply(object: WantedObject, options?: ApplyOptions): Promise<Applied>;
  /** False where it was gone already, or is another one of that name. */
  remove(ref: ObjectRef, options?: RemoveOptions): Promise<boolean>;
  /** The last lines that a container wrote. */
  logs(pod: ObjectRef, options: LogOptions): Promise<readonly string[]>;
  /** What was told of an object, latest last. */
  events(of: LiveObject): Promise<readonly LiveObject[]>;
  /** Ends what is under way. */
  close(): void;
}

export interface Which {
  readonly namespace?: string;
  /** A selector of labels, as `kubectl -l` has it. */
  readonly labels?: string;
  /** A selector of fields. */
  readonly fields?: string;
  /** Leaves out all but `metadata`. */
  readonly isMetadataOnly?: boolean;
}

export interface ApplyOptions {
  /** Whose fields they are; `fairlead` where it is left out. */
  readonly manager?: string;
  /** Takes over fields of others. */
  readonly force?: boolean;
  /** Checks all, and stores nothing. */
  readonly isRehearsal?: boolean;
}

export interface Applied {
  readonly object: LiveObject;
  /** What the API server says besides. */
  readonly warnings: readonly string[];
}

export interface RemoveOptions {
  /** Only that very one. */
  readonly uid?: string;
  /** Whether it stays until what it owns is gone. */
  readonly isForeground?: boolean;
}

export interface LogOptions {
  readonly container: string;
  /** Lines. */
  readonly tail: number;
  /** Of the run before this one. */
  readonly isPrevious?: boolean;
}

export type WatchEvent =
  /** All that is there: everything known before is to be forgotten. */
  | { readonly kind: 'all'; readonly objects: readonly LiveObject[] }
  | { readonly kind: 'changed'; readonly object: LiveObject }
  | { readonly kind: 'gone'; readonly object: LiveObject };
