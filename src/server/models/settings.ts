/** How one model runs. A server has its own for all of its models, and each model may say otherwise. */
export interface ModelSettings {
  /** Rows of one run; 1 turns batching off. */
  readonly maxRows: number;
  /** Milliseconds that a batch which is not full may wait for more; 0 never waits. */
  readonly maxDelayMs: number;
  /** Milliseconds from the arrival of a request to its answer, at most; a request may ask for less, not for more. */
  readonly deadlineMs: number;
  /** What may wait for its turn, at most. */
  readonly queue: { readonly rows: number; readonly bytes: number };
  /** A priority is a number from 1, the most urgent, to `levels`; a request that says none has the `usual` one. */
  readonly priorities: { readonly levels: number; readonly usual: number };
  /** How much of the machine it has when models compete, in proportion to the others. */
  readonly share: number;
  /** Threads of one inference (intra-op). */
  readonly threads: number;
  /** Where it runs; `auto` is decided by measurement when it is loaded. */
  readonly place: 'auto' | Exclude<Place, 'processes'>;
  /** Worker threads, each with a session of its own; `auto` is one for each core, within reason. Of processes, `auto` is one. */
  readonly instances: 'auto' | number;
  /** What computes. */
  readonly provider: Provider;
  /** Whether a session keeps memory for its next runs; without, it takes less and asks for it anew. Kept if not said. */
  readonly arena?: boolean;
}

/** On the event loop itself, or beside it: in worker threads, or in processes of another language. */
export type Place = 'inline' | 'threads' | 'processes';

/** How a model runs: what was wanted of it, and what was decided when it was loaded. */
export interface RunFacts {
  readonly settings: ModelSettings;
  readonly place: Place;
  /** Why it runs there. */
  readonly because: string;
  /** Runs that may be under way at once. */
  readonly width: number;
  /** It answers to nothing, as its instances do not live. */
  readonly hopeless?: boolean;
}

export const providers = ['cpu', 'cuda', 'tensorrt', 'openvino', 'coreml'] as const;

/** ONNX Runtime's execution providers. */
export type Provider = (typeof providers)[number];

export const usualSettings: ModelSettings = {
  maxRows: 64,
  maxDelayMs: 0,
  deadlineMs: 30_000,
  queue: { rows: 65_536, bytes: 256 * 1024 * 1024 },
  priorities: { levels: 1, usual: 1 },
  share: 1,
  threads: 1,
  place: 'auto',
  instances: 'auto',
  provider: 'cpu',
};
