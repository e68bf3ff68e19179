import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { AppError, type ErrorCode } from '#base';
import { type FileServer, fileServer, type Manners, type Stored } from '../../fixtures/file-server.ts';
import { bytesOf, type Scheme } from '../../fixtures/scheme.ts';
import { tryStore } from '../../fixtures/try-store.ts';
import { holdCases } from '../../hold.cases.ts';
import { sourceCases } from '../../port.cases.ts';
import type { ByteRange, Listing, Source } from '../../source.ts';
import { parseHttps } from '../../uri/parse-https.ts';
import { openHttps } from './https.ts';

const BASIC = `Basic ${Buffer.from('me:s3cr3t-word').toString('base64')}`;

/** A server, and what it is like. */
function schemeOf(name: string, can: Scheme['can'], manners: Manners = {}): Scheme {
  return {
    name,
    can,
    async place(t) {
      const server = await fileServer(t, { authorization: BASIC, ...manners });
      const netrc = await netrcOf(t, 'default login me password s3cr3t-word');
      return {
        origin: server.origin,
        secrets: ['s3cr3t-word', BASIC.slice(6)],
        environment: () => ({ NETRC: netrc }),
        uri: (path, at) => `${at ?? server.origin}/${encodeURIComponent(path)}`,
        async put(files) {
          for (const [path, bytes] of Object.entries(files)) server.files.set(path, { bytes });
        },
        async remove(path) {
          server.files.delete(path);
        },
      };
    },
  };
}

const can = { folders: false, paths: true, many: false };
const scheme = schemeOf('https://', can);
const bare = schemeOf('https:// without ranges', { ...can, noRanges: true }, { noRanges: true });

for (const one of [scheme, bare]) {
  sourceCases(one);
  holdCases(one);
}

async function netrcOf(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-netrc-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'netrc'), text);
  return join(folder, 'netrc');
}

interface At {
  readonly server: FileServer;
  readonly source: Source;
  readonly uri: string;
}

/** The source of a URL at a server with files. */
async function openAt(
  t: TestContext,
  files: Readonly<Record<string, Stored>>,
  {
    path = Object.keys(files)[0] ?? '',
    user = '',
    netrc = '',
    ...manners
  }: { path?: string; user?: string; netrc?: string } & Manners = {},
): Promise<At> {
  const server = await fileServer(t, manners);
  for (const [name, stored] of Object.entries(files)) server.files.set(name, stored);
  const uri = `${server.origin.replace('//', `//${user}`)}/${path}`;
  const reference = parseHttps(uri);
  assert.ok(reference.ok);
  const environment = { NETRC: await netrcOf(t, netrc) };
  const source = await openHttps(reference.value, uri, { patienceMs: 5000, connections: 2, environment });
  t.after(() => source.close());
  return { server, source, uri };
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

async function list(
  t: TestContext,
  ...rest: Parameters<typeof openAt> extends [unknown, ...infer R] ? R : never
): Promise<Listing> {
  return (await openAt(t, ...rest)).source.list(signal());
}

async function read(source: Source, { files: [file] }: Listing, range?: ByteRange): Promise<string> {
  assert.ok(file !== undefined);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.read(file, range, signal())) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

async function rejects(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

const bytes = bytesOf('0123456789');

test('a file has the name and size that its server gives, and is named', async t => {
  const { files, named } = await list(t, { 'a/m b.onnx': { bytes } }, { path: 'a/m%20b.onnx' });
  assert.equal(named, 'm b.onnx');
  assert.deepEqual(
    files.map(({ path, size, unpack }) => ({ path, size, unpack })),
    [{ path: 'm b.onnx', size: 10, unpack: undefined }],
  );
});

test('an empty file has no bytes and is one', async t => {
  const { files } = await list(t, { 'm.txt': { bytes: new Uint8Array() } });
  assert.equal(files[0]?.size, 0);
});

const formats: readonly { path: string; headers?: Record<string, string>; name?: string; format?: string }[] =
  [
    { path: 'm.tar', format: 'tar' },
    { path: 'm.tar.gz', format: 'tar+gzip' },
    { path: 'M.TGZ', format: 'tar+gzip' },
    { path: 'm.tar.zst', format: 'tar+zstd' },
    { path: 'm.zip', format: 'zip' },
    { path: 'm.onnx' },
    { path: 'm.onnx.gz' },
    { path: 'm.tar.gz', headers: { 'content-encoding': 'gzip' }, format: 'tar+gzip' },
    // A name that tells something is believed, not the type.
    { path: 'm.onnx', headers: { 'content-type': 'application/zip' } },
    { path: 'latest', headers: { 'content-type': 'application/zip' }, format: 'zip' },
    { path: 'latest', headers: { 'content-type': 'application/gzip; x=y' }, format: 'tar+gzip' },
    { path: 'latest', headers: { 'content-type': 'constructor' } },
    {
      path: 'latest',
      headers: { 'content-disposition': 'attachment; filename="m.tar.gz"' },
      name: 'm.tar.gz',
      format: 'tar+gzip',
    },
  ];

for (const { path, headers = {}, name = path, format } of formats)
  test(`${path} ${JSON.stringify(headers)} is ${format ?? 'a file'}`, async t => {
    const { files, named } = await list(t, { [path]: { bytes, headers } });
    assert.equal(files[0]?.path, name);
    assert.equal(files[0]?.unpack?.format, format);
    assert.equal(named, format === undefined ? name : undefined);
  });

const names: readonly (readonly [string, string])[] = [
  ['attachment; filename="m.onnx"', 'm.onnx'],
  ['attachment; filename=m.onnx', 'm.onnx'],
  [`attachment; filename="x.onnx"; filename*=UTF-8''m%C3%B6del.onnx`, 'mödel.onnx'],
  ['attachment; filename="../../m.onnx"', '123'],
  ['attachment; filename=".."', '123'],
  ['attachment', '123'],
];

for (const [header, name] of names)
  test(`a URL that names no file is called ${name} by ${header}`, async t => {
    const { named } = await list(t, { '123': { bytes, headers: { 'content-disposition': header } } });
    assert.equal(named, name);
  });

test('a server without ranges is read in one piece, and ranges are cut out of all of it', async t => {
  const { source, server } = await openAt(t, { 'm.bin': { bytes } }, { noRanges: true });
  const listing = await source.list(signal());
  assert.equal(listing.files[0]?.size, undefined);
  assert.equal(await read(source, listing), '0123456789');
  assert.equal(await read(source, listing, { start: 2, end: 5 }), '234');
  assert.ok(server.asked.every(({ headers }) => headers['accept-encoding'] === 'identity'));
});

test('a server that says no length is read to its end', async t => {
  const { source } = await openAt(t, { 'm.bin': { bytes } }, { noRanges: true, noLength: true });
  assert.equal(await read(source, await source.list(signal())), '0123456789');
});

const tokens: readonly (readonly [
  string,
  Record<string, string | undefined>,
  Record<string, string | undefined>,
])[] = [
  ['an ETag', { etag: '"1"' }, { etag: '"2"' }],
  ['a weak ETag', { etag: 'W/"1"' }, { etag: 'W/"2"' }],
  ['a date', { etag: undefined }, { etag: undefined, 'last-modified': 'Sun, 02 Aug 2026 10:00:00 GMT' }],
];

for (const [name, before, after] of tokens)
  test(`a file that was replaced is told by ${name}`, async t => {
    const { source, server } = await openAt(t, { 'm.bin': { bytes, headers: before } });
    const listing = await source.list(signal());
    assert.equal(await read(source, listing, { start: 0, end: 3 }), '012');
    server.files.set('m.bin', { bytes: bytesOf('9876543210'), headers: after });
    await rejects(read(source, listing, { start: 3, end: 6 }), 'source_changed', /m\.bin was replaced/);
    await rejects(read(source, listing), 'source_changed', /m\.bin was replaced/);
  });

test('a server that tells nothing of its bytes is read all the same', async t => {
  const headers = { etag: undefined, 'last-modified': undefined };
  const { source } = await openAt(t, { 'm.bin': { bytes, headers } });
  const listing = await source.list(signal());
  assert.equal(listing.files[0]?.token, undefined);
  assert.equal(await read(source, listing), '0123456789');
});

const invalid: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  [
    'a page',
    { 'content-type': 'text/html; charset=utf-8' },
    /a page to be read by people, such as one for signing in/,
  ],
  ['bytes that were compressed on the way', { 'content-encoding': 'gzip' }, /compressed \(gzip\)/],
];

for (const [name, headers, message] of invalid)
  test(`${name} where a model is expected is refused`, async t => {
    await rejects(list(t, { 'm.onnx': { bytes, headers } }), 'source_invalid', message);
  });

test('a page is a file where one is named', async t => {
  const { named } = await list(t, { 'm.html': { bytes, headers: { 'content-type': 'text/html' } } });
  assert.equal(named, 'm.html');
});

const credentials: readonly { name: string; user?: string; netrc?: string }[] = [
  { name: 'from the URL', user: 'me:s3cr3t-word@' },
  { name: 'from the URL, percent-encoded', user: 'me:s3cr3t%2Dword@' },
  {
    name: 'of its host',
    netrc: 'machine other login x password y\nmachine 127.0.0.1 login me password s3cr3t-word',
  },
  {
    name: 'for every host',
    netrc: 'machine other login x password y default login me password "s3cr3t-word"',
  },
  {
    name: 'behind a macro and a comment',
    netrc:
      '# machine 127.0.0.1 login x\nmacdef init\nmachine 127.0.0.1\n\ndefault login me password s3cr3t-word',
  },
];

for (const { name, ...given } of credentials)
  test(`credentials are taken ${name}`, async t => {
    const { named } = await list(t, { 'm.bin': { bytes } }, { ...given, authorization: BASIC });
    assert.equal(named, 'm.bin');
  });

test('a password with a stray % is sent as it stands', async t => {
  const authorization = `Basic ${Buffer.from('me:50%').toString('base64')}`;
  const { named } = await list(t, { 'm.bin': { bytes } }, { user: 'me:50%@', authorization });
  assert.equal(named, 'm.bin');
});

test('without credentials a refusal says where they are written', async t => {
  const refused = list(
    t,
    { 'm.bin': { bytes } },
    { netrc: 'machine other login x password y', authorization: BASIC },
  );
  await rejects(refused, 'source_refused', /status 401, 401; give it credentials, in ~\/\.netrc/);
});

test('neither a password nor a signature in the URL is ever told', async t => {
  const path = 'm.bin?X-Amz-Signature=s3cr3t-too';
  const { source } = await openAt(t, {}, { path, user: 'me:s3cr3t-word@' });
  await assert.rejects(source.list(signal()), (error: AppError) => {
    assert.match(error.message, /\*\*\*@127\.0\.0\.1:\d+\/m\.bin\?X-Amz-Signature=\*\*\*: status 404/);
    assert.ok(!/s3cr3t/.test(error.message + JSON.stringify(error.facts)));
    return true;
  });
});

test('plain http from another machine is held only where its digest is pinned', async t => {
  const { store, source } = await tryStore(t);
  source.put('m.onnx', 'a model').named = 'm.onnx';
  const uri = 'http://models.example/m.onnx';
  await rejects(
    store.hold({ uri, base: '/' }),
    'policy_refused',
    /plain http.*; use https, or pin its digest$/,
  );
  assert.equal(source.opened, 0);
  const digest = `sha256:${createHash('sha256').update('a model').digest('hex')}`;
  const held = await store.hold({ uri, base: '/', digest });
  assert.equal(held.digest, digest);
  held.release();
});
