/** The spans of one prediction: its own, and below that each stage and each run that it was part of. */
import type { Span, SpanAttributes, TraceContext, Tracer } from '#base';
import { predictionMethod, predictionRoute } from '#spec';
import type { CallerFacts, Observation, OwnRun } from './observation.ts';
import { stagesOf } from './stages.ts';

/** `closed` is when its answer had gone out. */
export function recordSpans(
  seen: Observation,
  caller: CallerFacts,
  { tracer, closed, revision }: { tracer: Tracer; closed: number; revision: string | undefined },
): void {
  const { context, parent, since, error } = seen;
  if (context === undefined || !seen.isTraced) return;
  const own = caller.kind === 'http' ? httpSpan(caller) : rpcSpan(caller);
  const isFault = error !== undefined && error.status >= 500;
  const whole: Span = {
    context,
    parent,
    name: own.name,
    kind: 'server',
    begun: since,
    ended: closed,
    attributes: {
      ...own.attributes,
      'client.address': seen.client,
      'error.type': error?.code,
      'fairlead.model.name': seen.identity?.name,
      'fairlead.model.version': seen.identity?.version,
      'fairlead.revision': revision,
      'fairlead.request.id': caller.requestId,
      'fairlead.outcome': seen.outcome,
    },
    error: isFault ? error.code : undefined,
  };
  const parts = innerSpans(seen, context, closed);
  tracer.record([whole, ...parts.map(part => ({ ...part, context: part.context ?? tracer.below(context) }))]);
}

/** What a path may be of a span that waits: those are counted, and not weighed. */
const LONGEST_PATH = 200;

type Named = Pick<Span, 'name' | 'attributes'>;

function httpSpan({ method = 'POST', path, scheme, status, received, sent }: CallerFacts): Named {
  const route = predictionRoute(path);
  return {
    name: route === undefined ? method : `${method} ${route}`,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'url.path': path.slice(0, LONGEST_PATH),
      'url.scheme': scheme,
      'http.request.body.size': received,
      'http.response.body.size': sent,
    },
  };
}

function rpcSpan({ path, status }: CallerFacts): Named {
  const { service, method } = predictionMethod(path) ?? { service: '', method: '' };
  return {
    name: `${service}/${method}`,
    attributes: {
      'rpc.system': 'grpc',
      'rpc.service': service,
      'rpc.method': method,
      'rpc.grpc.status_code': status,
    },
  };
}

/** A stage has no context of its own yet. */
type Inner = Omit<Span, 'context'> & { readonly context?: TraceContext };

function innerSpans(seen: Observation, parent: TraceContext, closed: number): Inner[] {
  const stages = stagesOf(seen, closed).map(
    ({ name, begun, ended }): Inner => inner({ name, parent, begun, ended }),
  );
  return [...stages, ...seen.runs.flatMap(run => runSpans(run, parent))].toSorted(
    (a, b) => a.begun - b.begun,
  );
}

function runSpans({ note, contexts }: OwnRun, parent: TraceContext): Inner[] {
  // It is under way still: whoever asked was told that it is too late.
  if (contexts === undefined || note.split === 0) return [];
  const { batch, run, worker } = contexts;
  const { begun, joined, ran, split, rows, requests, flush, place, modelMs, problem } = note;
  const shared = note.contexts.filter(one => one !== contexts).map(one => one.batch);
  const attributes = {
    'fairlead.batch.rows': rows,
    'fairlead.batch.requests': requests,
    'fairlead.batch.reason': flush,
  };
  const ofBatch = inner({ name: 'batch', parent, begun, ended: split, attributes, error: problem });
  const ofRun = inner({
    name: 'run',
    parent: batch,
    begun: joined,
    ended: ran,
    attributes: { ...attributes, 'fairlead.run.place': place },
    error: problem,
  });
  const spans = [
    { ...ofBatch, context: batch, links: shared },
    { ...ofRun, context: run },
  ];
  if (place !== 'processes') return spans;
  // Its own clock tells how long it took; when the answer came is known here.
  const from = Math.max(joined, ran - (problem === undefined ? modelMs : ran - joined));
  return [
    ...spans,
    { ...inner({ name: 'worker', parent: run, begun: from, ended: ran, error: problem }), context: worker },
  ];
}

function inner(span: {
  name: string;
  parent: TraceContext;
  begun: number;
  ended: number;
  attributes?: SpanAttributes;
  error?: string | undefined;
}): Inner {
  return { kind: 'internal', attributes: {}, ...span };
}
