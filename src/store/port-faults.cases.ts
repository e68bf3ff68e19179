/** What every source must do when its server, or what lies between, fails. `port.cases.ts` runs these. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { AppError, type ErrorCode } from '#base';
import type { Fault, FaultProxy } from './fixtures/fault-proxy.ts';
import { faultProxy } from './fixtures/fault-proxy.ts';
import { caseOf, type Scheme } from './fixtures/scheme.ts';
import { type OneFile, read, throughProxy, until } from './port-reading.cases.ts';

interface Failing {
  readonly name: string;
  readonly fault: Fault;
  readonly codes: readonly ErrorCode[];
  readonly status?: number;
  readonly waitMs?: number;
}

const status = (code: number, ...codes: ErrorCode[]): Failing => ({
  name: `${code}`,
  fault: { kind: 'status', status: code, body: 'no' },
  codes,
  status: code,
});

/** Both when it is listed and when it is read. */
const ALWAYS: readonly Failing[] = [
  status(403, 'source_refused'),
  status(404, 'source_missing'),
  status(500, 'source_unavailable'),
  status(503, 'source_unavailable'),
  {
    name: '429 with Retry-After',
    fault: { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
    codes: ['source_unavailable'],
    status: 429,
    waitMs: 7000,
  },
  { name: 'a reset connection', fault: { kind: 'cut' }, codes: ['source_unavailable'] },
  { name: 'silence', fault: { kind: 'stall' }, codes: ['source_unavailable'] },
];

const READING: readonly Failing[] = [
  status(416, 'source_changed', 'source_invalid'),
  { name: 'silence in the middle', fault: { kind: 'stall', after: 1000 }, codes: ['source_unavailable'] },
];

const PAGE: Fault = {
  kind: 'status',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><html><title>Sign in</title></html>',
};

/** An attempt is given up after so long; none of the answers that are to come is that slow. */
const PATIENCE_MS = 1500;

export function faultCases(scheme: Scheme): void {
  for (const failing of ALWAYS) {
    caseOf(scheme, `${failing.name} is told when it is listed`, async t => {
      const { one, proxy } = await throughProxy(t, scheme, { patienceMs: PATIENCE_MS });
      if (proxy === undefined) return;
      await assertFails(one, proxy, failing, () => one.source.list(AbortSignal.timeout(60_000)));
    });
  }
  for (const failing of [...ALWAYS, ...READING]) {
    caseOf(scheme, `${failing.name} is told when it is read`, async t => {
      const { one, proxy } = await throughProxy(t, scheme, { patienceMs: PATIENCE_MS });
      if (proxy === undefined) return;
      await assertFails(one, proxy, failing, () => read(one, { start: 1, end: 290_000 }));
    });
  }
  answerCases(scheme);
  connectionCases(scheme);
}

/** Answers that look well. */
function answerCases(scheme: Scheme): void {
  for (const fault of [
    { kind: 'cut', after: 1000 },
    { kind: 'length', by: 5 },
    { kind: 'length', by: -5 },
  ] as const)
    caseOf(
      scheme,
      `an answer that is ${said(fault)} ends early or fails, and says nothing wrong`,
      async t => {
        const { one, proxy } = await throughProxy(t, scheme, { patienceMs: PATIENCE_MS });
        if (proxy === undefined) return;
        proxy.inject(fault);
        const range = { start: 100, end: 290_000 };
        const found: Uint8Array[] = [];
        const error = await gather(one, range, found);
        const bytes = Buffer.concat(found);
        if (error !== undefined)
          assertTold(error, one, {
            name: '',
            fault,
            codes: ['source_unavailable', 'source_invalid', 'source_changed'],
          });
        assert.ok(bytes.length <= range.end - range.start, 'more came than was asked for');
        assert.ok(
          bytes.equals(one.bytes.subarray(range.start, range.start + bytes.length)),
          'other bytes came',
        );
        assert.ok(
          fault.kind === 'length' && fault.by > 0
            ? true
            : error !== undefined || bytes.length < range.end - range.start,
        );
      },
    );

  caseOf(scheme, 'a server that ignores ranges is read rightly or refused', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    proxy.inject({ kind: 'ignoresRange' });
    for (const range of [
      { start: 0, end: 1000 },
      { start: 100_000, end: 100_010 },
    ]) {
      const found = await read(one, range).catch((error: unknown) => error);
      if (Buffer.isBuffer(found)) assert.ok(found.equals(one.bytes.subarray(range.start, range.end)));
      else
        assertTold(found, one, {
          name: '',
          fault: { kind: 'ignoresRange' },
          codes: ['source_invalid', 'source_unavailable'],
        });
    }
  });

  if (!scheme.can.isPinned)
    for (const fault of [{ kind: 'changed' }, { kind: 'status', status: 412 }] as const)
      caseOf(scheme, `an answer of another object is told: ${fault.kind}`, async t => {
        const { one, proxy } = await throughProxy(t, scheme);
        if (proxy === undefined) return;
        const failing = { name: '', fault, codes: ['source_changed'] } as const;
        for (const range of [undefined, { start: 5, end: 500 }])
          await assertFails(one, proxy, failing, () => read(one, range));
      });

  caseOf(scheme, 'a page for signing in is no listing', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    const failing = { name: 'a page', fault: PAGE, codes: ['source_invalid'] } as const;
    await assertFails(one, proxy, failing, () => one.source.list(AbortSignal.timeout(60_000)));
  });

  caseOf(scheme, 'credentials do not follow to another server', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    const other = await faultProxy(t, proxy.origin);
    other.inject({ kind: 'status', status: 200, body: 'mine' });
    proxy.inject({ kind: 'redirect', to: `${other.origin}/elsewhere` });
    for (const run of [() => one.source.list(AbortSignal.timeout(60_000)), () => read(one)])
      await run().catch((error: unknown) => assertNoSecrets(error, one.place.secrets));
    for (const { url, headers } of other.seen) {
      assert.equal(headers.authorization, undefined);
      assertNoSecrets([url, headers], one.place.secrets);
    }
  });
}

function connectionCases(scheme: Scheme): void {
  // Where more comes than was asked for a connection is dropped, and its end may arrive after the beginning of the next one.
  if (!scheme.can.noRanges) boundCase(scheme);

  caseOf(scheme, 'connections end when it is closed', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    await Promise.all([read(one), read(one, { start: 0, end: 5 })]);
    one.source.close();
    await until('no connection is left', () => proxy.connections === 0);
  });

  caseOf(scheme, 'a server that is not there is told', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    await proxy.close();
    const failing = { name: '', fault: PAGE, codes: ['source_unavailable'] } as const;
    assertTold(
      await one.source.list(AbortSignal.timeout(60_000)).catch((error: unknown) => error),
      one,
      failing,
    );
    assertTold(await read(one).catch((error: unknown) => error), one, failing);
  });
}

function boundCase(scheme: Scheme): void {
  caseOf(scheme, 'there are at most as many connections as it was given', async t => {
    const { one, proxy } = await throughProxy(t, scheme, { connections: 3 });
    if (proxy === undefined) return;
    proxy.inject({ kind: 'slow', bytesPerSecond: 200_000 });
    const starts = Array.from({ length: 9 }, (_, index) => index * 10_000);
    await Promise.all(starts.map(start => read(one, { start, end: start + 10_000 })));
    assert.ok(proxy.peak <= 3, `${proxy.peak} at once`);
  });
}

/** It fails in this way, and at once. */
async function assertFails(
  one: OneFile,
  proxy: FaultProxy,
  failing: Failing,
  run: () => Promise<unknown>,
): Promise<void> {
  proxy.heal();
  proxy.inject(failing.fault);
  const before = proxy.seen.length;
  const found = await run().then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
  assertTold(found, one, failing);
  // A listing may ask in two ways, for a file and for a folder.
  const requests = proxy.seen.length - before;
  assert.ok(requests <= 2, `it asked ${requests} times: who asked decides on the next attempt`);
  await until('no answer is left running', () => proxy.answering === 0);
}

/** An error of the catalogue with the URI, the status, and no secret anywhere in it. */
function assertTold(error: unknown, one: OneFile, { codes, status: expected, waitMs }: Failing): void {
  assert.ok(error instanceof AppError, inspect(error));
  assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
  assert.ok(error.message.includes(one.uri), error.message);
  if (expected !== undefined && error.code !== 'source_changed') {
    assert.equal(error.facts['status'], expected);
    assert.ok(error.message.includes(`status ${expected}`), error.message);
  }
  if (waitMs !== undefined) assert.equal(error.facts['waitMs'], waitMs);
  assertNoSecrets(error, one.place.secrets);
}

/** Neither in the message nor in the facts; a cause is not shown to anybody, and may be another library's. */
function assertNoSecrets(shown: unknown, secrets: readonly string[]): void {
  const text = shown instanceof AppError ? `${shown.message} ${JSON.stringify(shown.facts)}` : inspect(shown);
  for (const secret of secrets) assert.ok(!text.includes(secret), 'a secret is shown');
}

async function gather(
  { source, file }: OneFile,
  range: { start: number; end: number },
  into: Uint8Array[],
): Promise<unknown> {
  try {
    for await (const chunk of await source.read(file, range, AbortSignal.timeout(60_000)))
      into.push(Buffer.from(chunk));
    return undefined;
  } catch (error) {
    return error;
  }
}

function said(fault: Extract<Fault, { kind: 'cut' | 'length' }>): string {
  if (fault.kind === 'cut') return 'cut';
  return fault.by > 0 ? 'shorter than its Content-Length' : 'longer than its Content-Length';
}
