import assert from 'node:assert/strict';
import test from 'node:test';
import { moreThan } from './handles.ts';

const base = {
  resources: { TCPServerWrap: 2, TCPSocketWrap: 1 },
  descriptors: 30,
  threads: ['model', 'model'],
};

test('what is as it was is in order, and so are timers and the reader of large bodies', () => {
  const now = {
    ...base,
    resources: { ...base.resources, Timeout: 9 },
    threads: ['translation', 'model', 'model'],
  };
  assert.deepEqual(moreThan(base, now), []);
});

test('sockets, descriptors and threads that are left over are told', () => {
  const now = { resources: { TCPServerWrap: 2, TCPSocketWrap: 5 }, descriptors: 90, threads: ['model'] };
  assert.deepEqual(moreThan(base, now), [
    '5 TCPSocketWrap, 1 at the start',
    '1 threads of models, 2 at the start',
    '90 open descriptors, 30 at the start',
  ]);
});
