/** What one turn of one server comes to, by the kind of its models. */
import type { Probed } from './load.ts';
import type { LoadResult } from './wrk.ts';

interface Turn {
  readonly server: string;
  readonly round: number;
}

/** The MLP at one number of connections. */
export interface Sample extends Turn, LoadResult {
  readonly connections: number;
  /** CPU of the server a request, user and system, in microseconds. */
  readonly cpuUs: number;
  /** Of the server and its children, right after the load. */
  readonly residentBytes: number;
}

/** A heavier model at one number of connections. */
export interface HeavySample extends Turn, LoadResult {
  readonly model: string;
  readonly connections: number;
  /** ONNX Runtime in a loop on the same core, right before: runs a second. */
  readonly ceiling: number;
  /** How soon the server said meanwhile that it lives. */
  readonly live: Probed;
}

/** The MLP in a server with the CNN: first alone, then with the CNN under load. */
export interface MixedSample extends Turn {
  readonly alone: LoadResult;
  readonly beside: LoadResult;
  readonly cnn: LoadResult;
}

export interface Samples {
  readonly mlp: Sample[];
  readonly heavy: HeavySample[];
  readonly mixed: MixedSample[];
}
