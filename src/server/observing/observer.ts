import {
  boundedLogger,
  type Clock,
  isRecorded,
  type Logger,
  messageOf,
  type Random,
  type Tracer,
  traceContextOf,
  traceparentOf,
} from '#base';
import type { Records } from '#telemetry';
import type { Caller } from '../prediction.ts';
import { type CallerFacts, Observation, type PayloadTexts } from './observation.ts';
import { type PayloadLimits, payloadTexts } from './payload.ts';
import { recordSpans } from './spans.ts';
import { seconds, secondsByStage } from './stages.ts';

/** What is told of predictions. */
export interface ObserverSettings {
  /** The revision that the server is of, if it is of one. */
  readonly revision?: string | undefined;
  /** The part of predictions, 0 to 1, that has a line each. */
  readonly requests: number;
  /** A prediction that takes longer has a line. Milliseconds; Infinity for none. */
  readonly slowMs: number;
  /** What is kept of requests and answers, and the part of them, 0 to 1. */
  readonly payload?: (PayloadLimits & { readonly sample: number }) | undefined;
}

export interface ObserverPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tracer: Tracer;
  /** Writes what was asked for, whatever level else is logged. */
  readonly logger: Logger;
  readonly records?: Pick<Records, 'offer'> | undefined;
}

/** Slow predictions that are told of within one second. */
const MOST_SLOW = 10;

/** Decides of which predictions more is told than metrics, and tells it once they are over. */
export class Observer {
  readonly #settings: ObserverSettings;
  readonly #ports: ObserverPorts;
  readonly #texts: PayloadTexts | undefined;
  readonly #slowLogger: Logger;
  readonly #logged = new WeakSet<Observation>();

  constructor(settings: ObserverSettings, ports: ObserverPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#texts = settings.payload && payloadTexts(settings.payload);
    this.#slowLogger = boundedLogger(ports.logger, ports.clock, MOST_SLOW);
  }

  /** Undefined for a prediction of which nothing more is told. */
  begin(caller: Caller<never>): Observation | undefined {
    const { clock, tracer } = this.#ports;
    const { requests, slowMs, payload } = this.#settings;
    const parent = traceContextOf(caller.header('traceparent'), caller.header('tracestate'));
    const context = tracer.begin(parent);
    const texts = this.#isChosen(payload?.sample) ? this.#texts : undefined;
    const isLogged = this.#isChosen(requests);
    const isTraced = context !== undefined && isRecorded(context);
    if (!isTraced && !isLogged && texts === undefined && slowMs === Infinity) return undefined;
    const { since, client } = caller;
    const seen = new Observation({ clock, tracer, since, parent, context, client, texts });
    if (isLogged) this.#logged.add(seen);
    return seen;
  }

  /** Its answer has gone out, or its client has left. Never throws: who is told of must not notice. */
  finish(seen: Observation, caller: Caller<never>): void {
    try {
      this.#tell(seen, caller);
    } catch (error: unknown) {
      this.#slowLogger.log('error', 'a prediction could not be told of', { problem: messageOf(error) });
    }
  }

  #tell(seen: Observation, caller: Caller<never>): void {
    const { clock, tracer } = this.#ports;
    const { revision, slowMs } = this.#settings;
    const closed = clock.now();
    const facts = caller.facts();
    recordSpans(seen, facts, { tracer, closed, revision });
    if (this.#logged.has(seen)) this.#ports.logger.log('info', 'prediction', lineOf(seen, facts, closed));
    if (closed - seen.since > slowMs)
      this.#slowLogger.log('warn', 'slow prediction', {
        ...lineOf(seen, facts, closed),
        ...secondsByStage(seen, closed),
      });
    if (seen.isKept) this.#keep(seen, facts, closed);
  }

  #keep(seen: Observation, { requestId, kind }: CallerFacts, closed: number): void {
    const { records, clock } = this.#ports;
    const { identity, outcome = 'server_error', error, inputs, outputs, settled = closed, since } = seen;
    if (identity === undefined) return;
    const context = seen.context ?? seen.parent;
    records?.offer({
      time: new Date(clock.date().getTime() - (closed - since)).toISOString(),
      requestId,
      traceparent: context && traceparentOf(context),
      model: identity.name,
      version: identity.version,
      revision: this.#settings.revision,
      protocol: kind,
      status: outcome,
      error: error?.code,
      seconds: seconds(settled - since),
      inputs,
      outputs,
    });
  }

  #isChosen(part = 0): boolean {
    return part > 0 && this.#ports.random.next() < part;
  }
}

/** Never what was sent, and no header. */
function lineOf(seen: Observation, facts: CallerFacts, closed: number): Readonly<Record<string, unknown>> {
  const { identity, outcome, error, context, parent } = seen;
  return {
    request_id: facts.requestId,
    trace_id: (context ?? parent)?.traceId,
    method: facts.method ?? 'gRPC',
    path: facts.path.slice(0, 200),
    model: identity?.name,
    version: identity?.version,
    status: facts.status,
    outcome,
    code: error?.code,
    seconds: seconds(closed - seen.since),
    bytes_in: facts.received,
    bytes_out: facts.sent,
    rows: seen.rows,
  };
}
