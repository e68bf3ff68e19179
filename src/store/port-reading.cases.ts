/** What every source must do when it is read. `port.cases.ts` runs these. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { AppError } from '#base';
import { faultProxy } from './fixtures/fault-proxy.ts';
import { bytesOf, caseOf, filesOf, opened, type Place, type Scheme } from './fixtures/scheme.ts';
import type { ByteRange, RemoteFile, Source, SourceOptions } from './source.ts';

/** A source with one file, which was listed. */
export interface OneFile {
  readonly source: Source;
  readonly uri: string;
  readonly file: RemoteFile;
  readonly place: Place;
  readonly bytes: Uint8Array;
}

/** Bytes that are none of their neighbours', so that a range that is off by one is seen. */
export function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * 31 + (index >> 8) * 7) & 255;
  return bytes;
}

/** Puts a file there, and lists it; `at` gives where the server is reached. */
async function oneFile(
  t: TestContext,
  scheme: Scheme,
  {
    bytes = pattern(300_000),
    at,
    ...options
  }: { bytes?: Uint8Array; at?: (place: Place) => Promise<string> } & Partial<SourceOptions> = {},
): Promise<OneFile> {
  const place = await scheme.place(t);
  await place.put({ 'w.bin': bytes });
  const where = await at?.(place);
  const path = scheme.can.paths ? 'w.bin' : '';
  const { source, uri } = await opened(t, scheme, place, {
    path,
    ...options,
    ...(where === undefined ? {} : { at: where }),
  });
  const { files } = await source.list(AbortSignal.timeout(60_000));
  const [file] = files;
  assert.ok(file !== undefined && files.length === 1);
  return { source, uri, file, place, bytes };
}

/** All bytes of a reading, in one. */
export async function read(
  { source, file }: Pick<OneFile, 'source' | 'file'>,
  range?: ByteRange,
  signal: AbortSignal = AbortSignal.timeout(60_000),
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.read(file, range, signal)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Waits until something is so; the test's own time limit is the end of it. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!isSo()) {
    assert.ok(Date.now() < end, `it is not so after a long time: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

const RANGES: readonly (readonly [string, ByteRange])[] = [
  ['the first byte', { start: 0, end: 1 }],
  ['the beginning', { start: 0, end: 70_000 }],
  ['the middle', { start: 65_535, end: 131_073 }],
  ['one byte of the middle', { start: 65_536, end: 65_537 }],
  ['the end', { start: 200_001, end: 300_000 }],
  ['the last byte', { start: 299_999, end: 300_000 }],
  ['all of it', { start: 0, end: 300_000 }],
];

export function readingCases(scheme: Scheme): void {
  caseOf(scheme, 'ranges are read at the ends and in the middle, and all of it without one', async t => {
    const one = await oneFile(t, scheme);
    for (const [name, range] of RANGES) {
      const expected = Buffer.from(one.bytes.subarray(range.start, range.end));
      assert.ok((await read(one, range)).equals(expected), name);
    }
    assert.ok((await read(one)).equals(one.bytes));
  });

  caseOf(scheme, 'an empty file is read as no bytes', async t => {
    assert.equal((await read(await oneFile(t, scheme, { bytes: new Uint8Array() }))).length, 0);
  });

  caseOf(scheme, 'ranges may be read at once', async t => {
    const one = await oneFile(t, scheme, { connections: 3 });
    const starts = Array.from({ length: 12 }, (_, index) => index * 25_000);
    const parts = await Promise.all(starts.map(start => read(one, { start, end: start + 25_000 })));
    assert.ok(Buffer.concat(parts).equals(one.bytes));
  });

  caseOf(scheme, 'what was replaced after it was listed is not read', async t => {
    const one = await oneFile(t, scheme);
    await one.place.put({ 'w.bin': pattern(300_000).toReversed() });
    for (const range of [undefined, { start: 10, end: 20 }]) await assertOldOrChanged(one, range);
  });

  caseOf(scheme, 'what was replaced by something shorter is not read', async t => {
    const one = await oneFile(t, scheme);
    await one.place.put({ 'w.bin': bytesOf('short') });
    for (const range of [undefined, { start: 0, end: 3 }, { start: 1000, end: 2000 }])
      await assertOldOrChanged(one, range);
  });

  caseOf(scheme, 'what was removed after it was listed is missing', async t => {
    const one = await oneFile(t, scheme);
    await one.place.remove('w.bin');
    const end = await read(one).catch((error: unknown) => error);
    if (scheme.can.isPinned && Buffer.isBuffer(end)) return assert.ok(end.equals(one.bytes));
    assert.ok(end instanceof AppError, String(end));
    assert.equal(end.code, 'source_missing');
    assert.ok(end.message.includes(one.uri), end.message);
  });

  signalCases(scheme);
  if (scheme.can.folders) oddNameCase(scheme);
}

function oddNameCase(scheme: Scheme): void {
  caseOf(scheme, 'a file is read whatever it is called', async t => {
    const names = ["a b+c(1)'~!.bin", 'mödel 模型.bin', 'a%20b.bin', 'a#b.bin', 'a?b=c&d.bin'];
    const put = names.filter(name => !scheme.can.noNames?.some(part => name.includes(part)));
    const place = await scheme.place(t);
    await place.put(filesOf(...put));
    const { source } = await opened(t, scheme, place);
    const { files } = await source.list(AbortSignal.timeout(60_000));
    for (const file of files) assert.equal((await read({ source, file })).toString(), file.path);
    assert.equal(files.length, put.length);
  });
}

function signalCases(scheme: Scheme): void {
  const reason = new Error('the user went away');

  caseOf(scheme, 'who has given up already gets the reason back', async t => {
    const one = await oneFile(t, scheme);
    const signal = AbortSignal.abort(reason);
    await assert.rejects(one.source.list(signal), error => error === reason);
    await assert.rejects(read(one, undefined, signal), error => error === reason);
  });

  caseOf(scheme, 'who gives up while a listing or an answer is awaited gets the reason back', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    proxy.inject({ kind: 'stall' });
    for (const start of [
      (signal: AbortSignal) => one.source.list(signal),
      (signal: AbortSignal) => read(one, undefined, signal),
    ]) {
      await until('nothing else runs', () => proxy.answering === 0);
      const giveUp = new AbortController();
      const running = start(giveUp.signal);
      running.catch(() => {});
      await until('the request has arrived', () => proxy.answering > 0);
      giveUp.abort(reason);
      await assert.rejects(running, error => error === reason);
      await until('the request has ended', () => proxy.answering === 0);
    }
  });

  caseOf(scheme, 'who gives up in the middle gets the reason back, and the answer ends', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    proxy.inject({ kind: 'stall', after: 1000 });
    const giveUp = new AbortController();
    const stream = await one.source.read(one.file, undefined, giveUp.signal);
    const rest = (async () => {
      for await (const _ of stream) giveUp.abort(reason);
    })();
    await assert.rejects(rest, error => error === reason);
    await until('the answer has ended', () => proxy.answering === 0);
  });

  caseOf(scheme, 'who stops in the middle leaves no answer running', async t => {
    const { one, proxy } = await throughProxy(t, scheme);
    if (proxy === undefined) return;
    proxy.inject({ kind: 'stall', after: 1000 });
    for await (const _ of await one.source.read(one.file, undefined, AbortSignal.timeout(60_000))) break;
    await until('the answer has ended', () => proxy.answering === 0);
  });
}

/** A file behind a proxy, where the scheme's server can have one before it. */
export async function throughProxy(
  t: TestContext,
  scheme: Scheme,
  options: Partial<SourceOptions> & { bytes?: Uint8Array } = {},
): Promise<{ one: OneFile; proxy?: Awaited<ReturnType<typeof faultProxy>> }> {
  let proxy: Awaited<ReturnType<typeof faultProxy>> | undefined;
  const one = await oneFile(t, scheme, {
    ...options,
    at: async ({ origin }) => {
      if (origin === undefined) return '';
      proxy = await faultProxy(t, origin);
      return proxy.origin;
    },
  });
  if (proxy === undefined) t.skip('its server has no address');
  return proxy === undefined ? { one } : { one, proxy };
}

/** The very bytes that were listed, where they are kept, or word that they are gone. */
async function assertOldOrChanged(one: OneFile, range: ByteRange | undefined): Promise<void> {
  const { start, end } = range ?? { start: 0, end: one.bytes.length };
  const found = await read(one, range).catch((error: unknown) => error);
  if (Buffer.isBuffer(found))
    return assert.ok(found.equals(one.bytes.subarray(start, end)), 'other bytes came');
  assert.ok(found instanceof AppError, String(found));
  assert.equal(found.code, 'source_changed');
  assert.ok(found.message.includes(one.uri), found.message);
}
