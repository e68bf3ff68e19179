/** Objects of Kubernetes as JSON has them, and how one is named. */

/** Who applies what fairlead applies. */
export const MANAGER = 'fairlead';

/** Of an object that is to be there. */
export interface WantedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [member: string]: unknown;
}

/** Who wrote which fields, as the API server keeps it. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** Of an object as the API server has it. */
export interface LiveObject extends WantedObject {
  readonly metadata: WantedObject['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly ManagedFields[];
    readonly ownerReferences?: readonly { readonly uid: string; readonly controller?: boolean }[];
  };
}

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ObjectRef extends KindRef {
  readonly name: string;
  /** Without one, the cluster's own. */
  readonly namespace?: string | undefined;
}

export function refOf({ apiVersion, kind, metadata: { name, namespace } }: WantedObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

/** As messages name it: `Deployment digits-1b2c3d4e`. */
export function subjectOf({ kind, name }: ObjectRef): string {
  return `${kind} ${name}`;
}

/** '' is the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** The same for all versions of a kind. */
export function keyOf(ref: ObjectRef, namespace: string): string {
  return `${groupOf(ref.apiVersion)}/${ref.kind}/${ref.namespace ?? namespace}/${ref.name}`;
}
