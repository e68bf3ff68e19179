import { type AppError, type Clock, type Logger } from '#base';
import { clientOf, type RpcCall, RpcStatus, rpcStatusOf } from '#net';
import type { ModelIdentity } from '#spec';
import type { Terms } from '../../batching/port.ts';
import { answerLevel, loggedWords } from '../../log-level.ts';
import type { CallerFacts, Observation } from '../../observing/observation.ts';
import type { Predictions } from '../../predictions.ts';
import type { Models } from '../../protocols/port.ts';
import { type RequestIds, requestIds, traceIdOf } from '../../request-ids.ts';
import type { Member, Roster } from '../../roster.ts';
import { termsOf } from '../../terms.ts';

/** What every call needs of the server. */
export interface RpcContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** An id for a call that came without one. */
  readonly freshId: () => string;
  readonly models: Models;
  readonly predictions: Predictions;
}

/** A call that lasts until somebody ends it. */
export interface LastingCall extends Member {
  /** The server is closing. */
  leave(): void;
}

/** What such a call needs: it has a place among those that end with the server. */
export interface Lasting {
  readonly context: RpcContext;
  readonly roster: Roster<LastingCall>;
}

/** The gRPC status of an error. Triton, and with it its clients, knows versions as numbers: another text is no version. */
export function statusOf(error: AppError): RpcStatus {
  const { code, facts } = error;
  if (code === 'version_unknown' && !/^\d+$/.test(String(facts['version']))) return RpcStatus.invalidArgument;
  return rpcStatusOf(error);
}

/** On what terms a message of a call, which came at `since`, is to be answered. Throws `input_invalid`. */
export function callTerms(call: RpcCall, since: number): Terms {
  const terms = termsOf(since, name => call.header(name));
  if (call.deadline === Infinity) return terms;
  return { ...terms, deadlineMs: Math.min(terms.deadlineMs ?? Infinity, call.deadline - since) };
}

/** What a call, or one message of a stream, is called. */
export function callIds({ freshId }: RpcContext, call: RpcCall): RequestIds {
  return requestIds(
    { 'x-request-id': call.header('x-request-id'), traceparent: call.header('traceparent') },
    freshId,
  );
}

/** The address of who calls. */
export function callClient(call: RpcCall): string {
  return clientOf(name => call.header(name), call.peer.replace(/:\d+$/, ''));
}

/** What there is to tell of a call, or of one message of a stream. */
export function callFacts(
  call: RpcCall,
  answered: Pick<CallerFacts, 'requestId' | 'status' | 'received' | 'sent'>,
): CallerFacts {
  return { kind: 'grpc', path: call.path, ...answered };
}

/** Bytes of a message in pieces. */
export function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** What the log says of a call, or of one message of a stream. */
export function logCall(
  context: RpcContext,
  call: RpcCall,
  done: {
    since: number;
    requestId?: string | undefined;
    model?: ModelIdentity | undefined;
    error?: AppError;
    seen?: Observation | undefined;
  },
): void {
  const { clock, logger } = context;
  const { since, model, error, seen } = done;
  const level = answerLevel(error);
  if (!logger.enabled(level)) return;
  const ids = callIds(context, call);
  logger.log(level, error === undefined ? 'request answered' : 'request failed', {
    request_id: done.requestId ?? ids.requestId,
    trace_id: seen?.context?.traceId ?? traceIdOf(ids),
    method: 'gRPC',
    path: call.path.slice(0, 200),
    status: error === undefined ? RpcStatus.ok : statusOf(error),
    ms: Number((clock.now() - since).toFixed(3)),
    model: model?.name,
    version: model?.version,
    code: error?.code,
    error: loggedWords(error),
  });
}
