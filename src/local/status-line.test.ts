import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { statusChanges } from './status-changes.ts';
import { statusLine } from './status-line.ts';
import type { ArmStatus, LocalStatus, ServerState, ServerStatus } from './words.ts';

function server(id: number, state: ServerState): ServerStatus {
  return { id, state, pid: 100 + id, url: `http://127.0.0.1:400${id}`, restarts: 0, inFlight: 0 };
}

function arm(role: 'stable' | 'candidate', weight: number, states: readonly ServerState[]): ArmStatus {
  const version = role === 'stable' ? '1' : '2';
  return {
    role,
    weight,
    revision: `digits-${version}`,
    models: [{ name: 'digits', version }],
    healthy: states.includes('healthy'),
    servers: states.map((state, id) => server(id, state)),
    requests: 0,
    failed: 0,
  };
}

const serving: LocalStatus = {
  service: 'digits',
  url: 'http://127.0.0.1:8501',
  state: 'serving',
  arms: [arm('stable', 90, ['healthy']), arm('candidate', 10, ['healthy'])],
  aside: [],
  requests: 1234,
  failed: 0,
  retries: 0,
  inFlight: 0,
  rate: 310.2,
};

const lines: readonly { name: string; status?: Partial<LocalStatus>; columns?: number; line: string }[] = [
  {
    name: 'everything on a wide terminal',
    line: 'digits  http://127.0.0.1:8501  stable v1 90% ●  candidate v2 10% ●  1,234 requests  0 failed  310/s',
  },
  {
    name: 'both addresses on a wide terminal',
    status: { grpc: 'grpc://127.0.0.1:8500' },
    line: 'digits  http://127.0.0.1:8501  grpc://127.0.0.1:8500  stable v1 90% ●  candidate v2 10% ●  1,234 requests  0 failed  310/s',
  },
  {
    name: 'the address of gRPC goes first on a narrow one',
    status: { grpc: 'grpc://127.0.0.1:8500' },
    columns: 120,
    line: 'digits  http://127.0.0.1:8501  stable v1 90% ●  candidate v2 10% ●  1,234 requests  0 failed  310/s',
  },
  {
    name: 'then the rate',
    columns: 95,
    line: 'digits  http://127.0.0.1:8501  stable v1 90% ●  candidate v2 10% ●  1,234 requests  0 failed',
  },
  {
    name: 'then the address',
    columns: 80,
    line: 'digits  stable v1 90% ●  candidate v2 10% ●  1,234 requests  0 failed',
  },
  { name: 'then the counts', columns: 50, line: 'digits  stable v1 90% ●  candidate v2 10% ●' },
  { name: 'then the arms', columns: 10, line: 'digits' },
  { name: 'and then it is cut', columns: 4, line: 'dig…' },
  {
    name: 'each state has a sign of its own',
    status: {
      arms: [arm('stable', 100, ['healthy', 'starting', 'restarting', 'unhealthy'])],
      aside: [
        {
          revision: 'digits-0',
          models: [{ name: 'digits', version: 'abc' }],
          servers: [server(0, 'stopping')],
        },
      ],
      inFlight: 3,
      rate: 2.34,
      requests: 1,
    },
    line: 'digits  http://127.0.0.1:8501  stable v1 100% ●◌↻✕  abc ○  1 request  0 failed  3 in flight  2.3/s',
  },
  {
    name: 'many servers are counted, with the sign of the worst',
    status: {
      arms: [arm('stable', 100, ['healthy', 'healthy', 'restarting', 'healthy', 'healthy'])],
      requests: 1_234_567,
      rate: 12_345,
    },
    line: 'digits  http://127.0.0.1:8501  stable v1 100% 4/5 ↻  1,234,567 requests  0 failed  12,345/s',
  },
  {
    name: 'an arm without servers says so',
    status: { arms: [arm('stable', 100, [])], requests: 0, rate: 0 },
    line: 'digits  http://127.0.0.1:8501  stable v1 100% no servers  0 requests  0 failed  0/s',
  },
];

for (const { name, status, columns = 200, line } of lines) {
  test(`the status line: ${name}`, () =>
    assert.equal(statusLine({ ...serving, ...status }, { columns, colour: false }), line));
}

test('colour adds nothing that is seen', () => {
  const coloured = statusLine(serving, { columns: 200, colour: true });
  assert.ok(coloured.includes('\x1b[32m●\x1b[0m'));
  assert.equal(stripVTControlCharacters(coloured), statusLine(serving, { columns: 200, colour: false }));
});

test('no line is wider than the terminal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), fc.nat(), (columns, requests) => {
      assert.ok(statusLine({ ...serving, requests }, { columns, colour: false }).length <= columns);
    }),
  );
});

const starting: LocalStatus = {
  ...serving,
  state: 'starting',
  arms: [arm('stable', 90, ['starting']), arm('candidate', 10, ['starting'])],
};

const changes: readonly { name: string; before?: LocalStatus; now: LocalStatus; lines: string[] }[] = [
  {
    name: 'a start',
    now: starting,
    lines: ['v1 (digits-1) server 0 is starting', 'v2 (digits-2) server 0 is starting'],
  },
  {
    name: 'becoming ready',
    before: starting,
    now: serving,
    lines: [
      'v1 (digits-1) server 0 is ready at http://127.0.0.1:4000, process 100',
      'v2 (digits-2) server 0 is ready at http://127.0.0.1:4000, process 100',
      'digits serves at http://127.0.0.1:8501: stable v1 90%, candidate v2 10%',
    ],
  },
  {
    name: 'becoming ready, with gRPC',
    before: { ...serving, state: 'starting' },
    now: { ...serving, grpc: 'grpc://127.0.0.1:8500' },
    lines: [
      'digits serves at http://127.0.0.1:8501 and grpc://127.0.0.1:8500: stable v1 90%, candidate v2 10%',
    ],
  },
  {
    name: 'more requests are no change',
    before: serving,
    now: { ...serving, requests: 9999, rate: 1 },
    lines: [],
  },
  {
    name: 'a crash',
    before: serving,
    now: {
      ...serving,
      state: 'degraded',
      arms: [arm('stable', 90, ['healthy']), arm('candidate', 10, ['restarting'])],
    },
    lines: [
      'v2 (digits-2) server 0 ended and is being restarted',
      'digits is degraded: a revision has no server that is ready',
    ],
  },
  {
    name: 'an edit that moves the weights and drops a server',
    before: {
      ...serving,
      arms: [arm('stable', 90, ['healthy', 'stopping']), arm('candidate', 10, ['healthy'])],
    },
    now: { ...serving, arms: [arm('stable', 50, ['healthy']), arm('candidate', 50, ['healthy'])] },
    lines: ['v1 (digits-1) server 1 has stopped', 'traffic: stable v1 50%, candidate v2 50%'],
  },
];

for (const { name, before, now, lines: expected } of changes) {
  test(`changes in plain lines: ${name}`, () => assert.deepEqual(statusChanges(before, now), expected));
}
