/**
 * What a store does with every scheme while its server fails: the answer is right, or a clear error, and the cache never shows
 * what is partial or wrong. It runs the whole of `hold` over a source and a fault proxy:
 *
 *     holdCases({ name: 's3://', can: everything, place: t => placeInBucket(t) });
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { AppError, type ErrorCode } from '#base';
import { type Fault, type FaultProxy, faultProxy } from './fixtures/fault-proxy.ts';
import { bytesOf, caseOf, type Place, type Scheme } from './fixtures/scheme.ts';
import { admitAll, folder } from './fixtures/try-store.ts';
import { openStore } from './io/open-store.ts';
import { openSource } from './io/sources.ts';
import { digestOf } from './manifest.ts';
import { pattern } from './port-reading.cases.ts';
import type { OpenSource } from './source.ts';
import type { Held, Store, Wanted } from './store.ts';

type Files = Readonly<Record<string, Uint8Array>>;

interface Failing {
  readonly name: string;
  readonly fault: Fault;
  /** What it may come to. Without, it must come right. */
  readonly codes?: readonly ErrorCode[];
  readonly status?: number;
  /** How many requests meet it; all without. */
  readonly times?: number;
  /** From when on: the first request, or the first for the bytes of a file. */
  readonly from?: 'listing' | 'fetching';
}

const status = (code: number, ...codes: ErrorCode[]): Omit<Failing, 'from'> => ({
  name: `${code}`,
  fault: { kind: 'status', status: code, body: 'no', headers: { 'retry-after': '0' } },
  codes,
  status: code,
});

const PAGE: Fault = {
  kind: 'status',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><html><title>Sign in</title></html>',
};

/** It does not end. */
const LASTING: readonly Failing[] = [
  ...(['listing', 'fetching'] as const).flatMap(from =>
    [
      status(403, 'source_refused'),
      status(404, 'source_missing'),
      status(429, 'source_unavailable'),
      status(500, 'source_unavailable'),
      status(503, 'source_unavailable'),
      { name: 'a reset connection', fault: { kind: 'cut' }, codes: ['source_unavailable'] },
      { name: 'silence', fault: { kind: 'stall' }, codes: ['source_unavailable'] },
    ].map(one => ({ ...(one as Failing), from })),
  ),
  { ...status(416, 'source_changed', 'source_invalid'), from: 'fetching' },
  { name: 'a page for signing in', fault: PAGE, codes: ['source_invalid'], from: 'listing' },
  {
    name: 'a page for signing in',
    fault: PAGE,
    codes: ['source_invalid', 'source_changed', 'source_unavailable', 'digest_mismatch'],
    from: 'fetching',
  },
  {
    name: 'too small a Content-Length',
    fault: { kind: 'length', by: -5 },
    codes: ['source_unavailable', 'source_invalid', 'source_changed', 'source_missing'],
    from: 'fetching',
  },
];

/** It ends, and what has come by then is not lost. */
const PASSING: readonly Failing[] = [
  { ...status(429), fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } } },
  status(500),
  status(503),
  { name: 'a reset connection', fault: { kind: 'cut' } },
  { name: 'a connection that is cut', fault: { kind: 'cut', after: 100_000 } },
  { name: 'silence', fault: { kind: 'stall' } },
  { name: 'silence in the middle', fault: { kind: 'stall', after: 100_000 } },
  { name: 'too large a Content-Length', fault: { kind: 'length', by: 5 } },
  { name: 'ranges that are ignored', fault: { kind: 'ignoresRange' } },
  { name: 'a slow answer', fault: { kind: 'slow', bytesPerSecond: 2_000_000 } },
].map(one => ({ name: one.name, fault: one.fault as Fault, times: 1, from: 'fetching' as const }));

/** An attempt is given up after so long; none of the answers that are to come is that slow. */
const PATIENCE_MS = 1500;

export function holdCases(scheme: Scheme): void {
  for (const one of [...LASTING, ...PASSING]) {
    const isRefused = one.fault.kind === 'ignoresRange' && scheme.can.alwaysRanges === true;
    const failing: Failing = isRefused ? { ...one, codes: ['source_invalid'], status: 200 } : one;
    const end = failing.codes === undefined ? 'passes' : 'lasts';
    caseOf(scheme, `hold while ${failing.name} ${end}, from ${failing.from} on`, async t => {
      const trial = await trialOf(t, scheme);
      await trial.fails(failing);
      await trial.recovers();
    });
  }

  caseOf(scheme, 'hold of a pinned model never takes a flipped byte', async t => {
    const trial = await trialOf(t, scheme);
    await trial.fails(
      {
        name: 'a flipped byte',
        fault: { kind: 'flip', at: 150_000 },
        codes: ['digest_mismatch'],
        from: 'fetching',
      },
      { digest: trial.digest },
    );
    await trial.recovers({ digest: trial.digest });
  });

  caseOf(scheme, 'hold of what is replaced while it is fetched is of the one or the other', async t => {
    const trial = await trialOf(t, scheme);
    await trial.isReplaced();
  });

  caseOf(scheme, 'hold fetches again what the source has replaced, and only that', async t => {
    const trial = await trialOf(t, scheme);
    await trial.recovers();
    await trial.changesOneFile();
  });
}

async function trialOf(t: TestContext, scheme: Scheme): Promise<Trial> {
  const place = await scheme.place(t);
  const proxy = await faultProxy(t, place.origin ?? assert.fail('its server has no address'));
  const environment = place.environment(proxy.origin);
  const store = openStore(
    { folder: await folder(t), environment, patienceMs: PATIENCE_MS, attempts: 2, connections: 3 },
    {
      clock: { now: () => performance.now(), date: () => new Date() },
      random: { next: () => 0 },
      logger: { enabled: () => false, log: () => {} },
      open: (scheme.open as OpenSource | undefined) ?? openSource,
      unpack: () => Promise.reject(new Error('nothing is unpacked here')),
      volume: () => Promise.reject(new Error('no volume is mounted here')),
      admission: admitAll,
    },
  );
  const trial = new Trial(scheme, place, proxy, store);
  await trial.put();
  return trial;
}

const FOLDER: Files = {
  'model.onnx': pattern(700_000),
  'weights/w.bin': pattern(400_000).toReversed(),
  'empty.txt': new Uint8Array(),
};

/** A model at a place, and a store that is to hold it. */
class Trial {
  readonly #scheme: Scheme;
  readonly #place: Place;
  readonly #proxy: FaultProxy;
  readonly #store: Store;
  readonly #uri: string;
  #files: Files;

  constructor(scheme: Scheme, place: Place, proxy: FaultProxy, store: Store) {
    this.#scheme = scheme;
    this.#place = place;
    this.#proxy = proxy;
    this.#store = store;
    const { folders, paths } = scheme.can;
    this.#files = folders ? FOLDER : { 'model.onnx': pattern(700_000) };
    this.#uri = place.uri(folders ? (paths ? 'm' : '') : 'model.onnx', proxy.origin);
  }

  get digest(): string {
    const files = Object.entries(this.#files).map(([path, bytes]) => ({
      path,
      size: bytes.length,
      sha256: sha256(bytes),
    }));
    return digestOf({ files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) });
  }

  async put(changed: Files = this.#files): Promise<void> {
    const { folders, paths } = this.#scheme.can;
    const under = folders && paths ? 'm/' : '';
    const files = Object.entries(changed).map(([path, bytes]) => [`${under}${path}`, bytes] as const);
    // Its neighbour, which it must never be taken for.
    const neighbour = paths ? { 'm-v2/other.onnx': bytesOf('other') } : {};
    await this.#place.put({ ...Object.fromEntries(files), ...neighbour });
  }

  /** Holds it while there is a fault: it comes right, or as an error that tells what is wrong, and nothing is left to be seen. */
  async fails(failing: Failing, wanted: Partial<Wanted> = {}): Promise<void> {
    const found = await this.#hold(wanted, failing).catch((error: unknown) => error);
    this.#proxy.heal();
    if (found instanceof AppError && failing.codes !== undefined) {
      this.#assertTold(found, failing, failing.codes);
      assert.deepEqual(await this.#store.list(), [], 'something is shown that did not come');
    } else {
      await this.#assertRight(found);
      assert.ok(failing.fault.kind !== 'status' || failing.times !== undefined, 'it cannot have come');
    }
    assert.deepEqual(await this.#store.verify(), []);
  }

  /** Without the fault it comes right, and stays. */
  async recovers(wanted: Partial<Wanted> = {}): Promise<void> {
    await this.#assertRight(await this.#hold(wanted));
    const sent = this.#proxy.sent;
    const again = await this.#hold(wanted);
    await this.#assertRight(again);
    assert.equal(again.fetched, 0);
    // Such a server sends all of it to whoever looks whether it is still the same.
    if (!this.#scheme.can.noRanges) assert.ok(this.#proxy.sent - sent < 100_000, 'the bytes came again');
    assert.deepEqual(await this.#store.verify(), []);
    assert.equal((await this.#store.list()).length, 1);
  }

  /** Another one lies there from when the first bytes are asked for. */
  async isReplaced(): Promise<void> {
    const old = this.#files;
    const next = Object.fromEntries(Object.entries(old).map(([path, bytes]) => [path, bytes.toReversed()]));
    let replacing: Promise<void> | undefined;
    const replace = (): void => {
      this.#files = next;
      replacing ??= this.put();
    };
    this.#proxy.inject({ kind: 'slow', bytesPerSecond: 1_000_000 });
    const held = await this.#hold({}, undefined, replace);
    await replacing;
    if (held.digest !== this.digest) this.#files = old;
    await this.#assertRight(held);
    assert.deepEqual(await this.#store.verify(), []);
  }

  async changesOneFile(): Promise<void> {
    const [first = '', ...others] = Object.keys(this.#files).toSorted().toReversed();
    const before = this.digest;
    const changed = { [first]: pattern(123_456).toReversed() };
    this.#files = { ...this.#files, ...changed };
    await this.put(changed);
    const held = await this.#hold({});
    await this.#assertRight(held);
    assert.notEqual(held.digest, before);
    assert.equal(held.fetched, 123_456, `${others.join(', ')} came again`);
  }

  async #hold(wanted: Partial<Wanted>, failing?: Failing, onFetching = (): void => {}): Promise<Held> {
    let isFetching = false;
    const { fault, times, from } = failing ?? {};
    const when = (): boolean => from !== 'fetching' || isFetching;
    if (fault !== undefined) this.#proxy.inject(fault, { when, ...(times !== undefined && { times }) });
    const held = await this.#store.hold(
      { uri: this.#uri, base: '/', ...wanted },
      {
        signal: AbortSignal.timeout(50_000),
        onProgress: ({ phase }) => {
          // What was replaced is listed anew, and a fault of reading is none of that.
          isFetching = phase === 'fetching' || (isFetching && phase !== 'listing');
          if (isFetching) onFetching();
        },
      },
    );
    held.release();
    return held;
  }

  async #assertRight(held: unknown): Promise<void> {
    if (held instanceof Error) throw held;
    const { manifest, root, digest } = held as Held;
    const paths = Object.keys(this.#files).toSorted();
    assert.deepEqual(
      manifest?.files.map(({ path }) => path),
      paths,
    );
    assert.equal(digest, this.digest);
    for (const path of paths) {
      const at = this.#scheme.can.folders ? join(root, path) : root;
      assert.ok((await readFile(at)).equals(this.#files[path] ?? Buffer.of(1)), `${path} is another one`);
    }
  }

  #assertTold(error: AppError, { status: expected }: Failing, codes: readonly ErrorCode[]): void {
    assert.ok(codes.includes(error.code), `${error.code}: ${error.message}`);
    assert.ok(error.message.includes(this.#uri), error.message);
    if (expected !== undefined && error.code !== 'source_changed')
      assert.ok(error.message.includes(`status ${expected}`), error.message);
    for (const secret of this.#place.secrets)
      assert.ok(!(error.message + JSON.stringify(error.facts)).includes(secret), 'a secret is told');
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
