/**
 * A record as CloudEvents 1.0: one of the request and one of its answer, by the types and with the data of KServe's payload
 * logger, whose readers find them by their common id.
 */
import type { PayloadRecord } from './payload-record.ts';

/** `structured` puts an event's attributes into its body, `binary` into headers. */
export type EventForm = 'structured' | 'binary';

export interface EventRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const TYPES = {
  request: 'org.kubeflow.serving.inference.request',
  response: 'org.kubeflow.serving.inference.response',
} as const;

/** The events of a record, as bodies and headers of HTTP requests. */
export function eventRequests(record: PayloadRecord, form: EventForm): EventRequest[] {
  const { inputs, outputs } = record;
  const request = inputs === undefined ? [] : [eventOf(record, 'request', `"inputs":${inputs}`)];
  return [...request, eventOf(record, 'response', `"outputs":${outputs ?? '[]'}`)].map(event =>
    form === 'structured' ? structured(event) : binary(event),
  );
}

interface Event {
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: string;
}

function eventOf(record: PayloadRecord, kind: keyof typeof TYPES, tensors: string): Event {
  const { requestId, model, version, revision, traceparent, status, error, time, seconds, protocol } = record;
  const all: Readonly<Record<string, string | undefined>> = {
    specversion: '1.0',
    id: requestId,
    type: TYPES[kind],
    source: `/fairlead/${encodeURIComponent(revision ?? model)}`,
    subject: model,
    time,
    datacontenttype: 'application/json',
    component: 'predictor',
    modelversion: version,
    revision,
    protocol,
    traceparent,
    ...(kind === 'response' && { status, error, seconds: String(seconds) }),
  };
  const told = Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined);
  const head = JSON.stringify({ model_name: model, model_version: version, id: requestId });
  return { attributes: Object.fromEntries(told), data: `${head.slice(0, -1)},${tensors}}` };
}

function structured({ attributes, data }: Event): EventRequest {
  const head = JSON.stringify(attributes);
  return {
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: `${head.slice(0, -1)},"data":${data}}`,
  };
}

function binary({ attributes, data }: Event): EventRequest {
  const { datacontenttype = 'application/json', ...others } = attributes;
  const told = Object.entries(others).map(([name, value]) => [`ce-${name}`, escaped(value)] as const);
  return { headers: { 'content-type': datacontenttype, ...Object.fromEntries(told) }, body: data };
}

/** As the HTTP binding of CloudEvents has it: what is no printable ASCII, and space, quotes and percent, by its bytes. */
function escaped(value: string): string {
  return [...Buffer.from(value)]
    .map(byte =>
      byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}
