import assert from 'node:assert/strict';
import test from 'node:test';
import { eventRequests } from './cloud-events.ts';
import { type PayloadRecord, recordLine } from './payload-record.ts';

const record: PayloadRecord = {
  time: '2026-01-02T03:04:05.678Z',
  requestId: 'a "quoted" 100%',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  model: 'digits',
  version: '1',
  revision: 'digits-16b18e16',
  protocol: 'http',
  status: 'success',
  error: undefined,
  seconds: 0.25,
  inputs: '[{"name":"x","data":[1]}]',
  outputs: '[{"name":"y","data":[2]}]',
};

test('a structured event has its attributes and its data in the body', () => {
  const [request, response] = eventRequests(record, 'structured').map(
    ({ body }) => JSON.parse(body) as Record<string, unknown>,
  );
  assert.deepEqual(
    [request?.['specversion'], request?.['id'], request?.['source'], request?.['data']],
    [
      '1.0',
      record.requestId,
      '/fairlead/digits-16b18e16',
      { model_name: 'digits', model_version: '1', id: record.requestId, inputs: [{ name: 'x', data: [1] }] },
    ],
  );
  assert.deepEqual(
    [response?.['type'], response?.['status'], response?.['data']],
    [
      'org.kubeflow.serving.inference.response',
      'success',
      { model_name: 'digits', model_version: '1', id: record.requestId, outputs: [{ name: 'y', data: [2] }] },
    ],
  );
});

test('a binary event has its attributes in headers, which hold nothing but what a header may', () => {
  const [request, response] = eventRequests(record, 'binary');
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.equal(request?.headers['ce-type'], 'org.kubeflow.serving.inference.request');
  assert.equal(request?.headers['ce-id'], 'a%20%22quoted%22%20100%25');
  assert.equal(response?.headers['ce-traceparent'], record.traceparent);
  for (const value of Object.values({ ...request?.headers })) assert.match(value, /^[\x21-\x7e]+$/);
});

test('a request that could not be read has no event of its own, and its answer says why', () => {
  const failed = {
    ...record,
    inputs: undefined,
    outputs: undefined,
    status: 'client_error',
    error: 'body_malformed',
  };
  const events = eventRequests(failed, 'structured');
  assert.equal(events.length, 1);
  assert.match(events[0]?.body ?? '', /"status":"client_error","error":"body_malformed"/);
});

test('a record is one line of JSON', () => {
  const line = recordLine(record);
  assert.ok(line.endsWith('\n') && !line.slice(0, -1).includes('\n'));
  const { request_id, trace_id, inputs, outputs } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(
    [request_id, trace_id, inputs, outputs],
    [
      record.requestId,
      '4bf92f3577b34da6a3ce929d0e0e4736',
      [{ name: 'x', data: [1] }],
      [{ name: 'y', data: [2] }],
    ],
  );
});
