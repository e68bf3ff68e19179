/** What is kept of one prediction, whatever protocol it came by. */
export interface PayloadRecord {
  /** When the request arrived: ISO 8601, UTC. */
  readonly time: string;
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly model: string;
  readonly version: string;
  readonly revision: string | undefined;
  /** `http` or `grpc`. */
  readonly protocol: string;
  /** As `prediction_requests_total` counts it: `success`, `client_error`… */
  readonly status: string;
  /** The code of the error it failed with. */
  readonly error: string | undefined;
  /** From its arrival to its answer. */
  readonly seconds: number;
  /** JSON lists of tensors; undefined where it did not come so far. */
  readonly inputs: string | undefined;
  readonly outputs: string | undefined;
}

/** The record as one line of JSON, with its end. */
export function recordLine({ inputs, outputs, traceparent, requestId, ...facts }: PayloadRecord): string {
  const head = JSON.stringify({ ...facts, request_id: requestId, trace_id: traceparent?.split('-')[1] });
  return `${head.slice(0, -1)}${member('inputs', inputs)}${member('outputs', outputs)}}\n`;
}

function member(name: string, text: string | undefined): string {
  return text === undefined ? '' : `,"${name}":${text}`;
}
