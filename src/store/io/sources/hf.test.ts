import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { AppError, type ErrorCode } from '#base';
import { type HubOptions, type StandInHub, startHub } from '../../fixtures/hub.ts';
import { bytesOf, type Scheme } from '../../fixtures/scheme.ts';
import { holdCases } from '../../hold.cases.ts';
import { sourceCases } from '../../port.cases.ts';
import type { ByteRange, RemoteFile, Source } from '../../source.ts';
import { parseHf } from '../../uri/parse-hf.ts';
import { openHf } from './hf.ts';

const scheme: Scheme = {
  name: 'hf://',
  can: { folders: true, paths: true, many: true, isPinned: true },
  async place(t) {
    const hub = await startHub(t, { token: 'hf_s3cr3t' });
    hub.commit('owner/repo', {});
    return {
      origin: hub.endpoint,
      secrets: ['hf_s3cr3t'],
      environment: at => ({ HF_ENDPOINT: at ?? hub.endpoint, HF_TOKEN: 'hf_s3cr3t' }),
      uri: path => `hf://owner/repo${path === '' ? '' : `/${path}`}`,
      put: async files => void hub.commit('owner/repo', files),
      remove: async path => void hub.commit('owner/repo', { [path]: undefined }),
    };
  },
};

sourceCases(scheme);
holdCases(scheme);

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

async function sourceOf(
  t: TestContext,
  hub: StandInHub,
  uri: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Source> {
  const reference = parseHf(uri);
  assert.ok(reference.ok);
  const none = { HF_HOME: '/nowhere', HF_ENDPOINT: hub.endpoint };
  const options = { patienceMs: 5000, connections: 4, environment: { ...none, ...environment } };
  const source = await openHf(reference.value, uri, options);
  t.after(() => source.close());
  return source;
}

async function read(source: Source, file: RemoteFile | undefined, range?: ByteRange): Promise<string> {
  assert.ok(file !== undefined);
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.read(file, range, signal())) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** A hub with one repository. */
async function hubWith(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options?: HubOptions,
): Promise<{ hub: StandInHub; commit: string }> {
  const hub = await startHub(t, options);
  const bytes = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, bytesOf(text)]));
  return { hub, commit: hub.commit('owner/repo', bytes) };
}

test('a branch is read at the commit that it was when it was listed', async t => {
  const { hub, commit } = await hubWith(t, { 'm.onnx': 'old' });
  const source = await sourceOf(t, hub, 'hf://owner/repo@main');
  const { files, revision } = await source.list(signal());
  assert.equal(revision, commit);
  const next = hub.commit('owner/repo', { 'm.onnx': bytesOf('new') });
  assert.equal(await read(source, files[0]), 'old');
  const again = await source.list(signal());
  assert.equal(again.revision, next);
  assert.equal(await read(source, again.files[0]), 'new');
  assert.equal(await read(source, files[0]), 'old');
  assert.notEqual(files[0]?.token, again.files[0]?.token);
});

test('a commit is read as it is, and a branch may have a slash', async t => {
  const { hub, commit } = await hubWith(t, { 'm.onnx': 'old' });
  hub.commit('owner/repo', { 'm.onnx': bytesOf('new') });
  hub.commit('owner/repo', { 'm.onnx': bytesOf('branch') }, 'feature/x');
  for (const [name, text] of [
    [commit, 'old'],
    ['feature%2Fx', 'branch'],
  ] as const) {
    const source = await sourceOf(t, hub, `hf://owner/repo@${name}`);
    assert.equal(await read(source, (await source.list(signal())).files[0]), text);
  }
});

test('files tell the hash that the Hub knows: of git for small ones, SHA-256 for large ones', async t => {
  const { hub } = await hubWith(t, { 'small.json': '{}', 'large.onnx': 'weights' }, { lfs: /\.onnx$/ });
  const { files } = await (await sourceOf(t, hub, 'hf://owner/repo')).list(signal());
  const hex = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');
  assert.deepEqual(
    files.map(({ path, size, checksum }) => ({ path, size, checksum })),
    [
      { path: 'large.onnx', size: 7, checksum: { algorithm: 'sha256', hex: hex('sha256', 'weights') } },
      { path: 'small.json', size: 2, checksum: { algorithm: 'git-sha1', hex: hex('sha1', 'blob 2\0{}') } },
    ],
  );
});

test('a large file is read where the Hub leads to, without the token, and it leads there once', async t => {
  const { hub } = await hubWith(t, { 'large.onnx': '0123456789' }, { lfs: /\.onnx$/, token: 'hf_s3cr3t' });
  hub.restrict('owner/repo', 'private');
  const source = await sourceOf(t, hub, 'hf://owner/repo', { HF_TOKEN: 'hf_s3cr3t' });
  const { files } = await source.list(signal());
  for (const start of [0, 3, 6])
    assert.equal(
      await read(source, files[0], { start, end: start + 3 }),
      '0123456789'.slice(start, start + 3),
    );
  const sent = hub.asked.filter(({ isCdn }) => isCdn);
  assert.deepEqual(
    sent.map(({ authorization }) => authorization),
    [undefined, undefined, undefined],
  );
  assert.equal(hub.asked.filter(({ url }) => url.includes('/resolve/')).length, 1);
});

test('where a signed URL has expired, the Hub is asked for another one', async t => {
  const { hub } = await hubWith(t, { 'large.onnx': '0123456789' }, { lfs: /\.onnx$/ });
  const source = await sourceOf(t, hub, 'hf://owner/repo');
  const { files } = await source.list(signal());
  assert.equal(await read(source, files[0], { start: 0, end: 3 }), '012');
  hub.era++;
  assert.equal(await read(source, files[0], { start: 3, end: 6 }), '345');
});

const refused: readonly {
  name: string;
  uri: string;
  access?: 'private' | 'gated';
  token?: string;
  code: ErrorCode;
  message: RegExp;
}[] = [
  {
    name: 'a repository that is not there, to somebody',
    uri: 'hf://owner/rep',
    token: 'hf_s3cr3t',
    code: 'source_missing',
    message: /^hf:\/\/owner\/rep: status 404, Repository not found; did you mean hf:\/\/owner\/repo\?$/,
  },
  {
    name: 'one that is not there, to nobody',
    uri: 'hf://owner/rep',
    code: 'source_missing',
    message:
      /status 401, Repository not found, or it is private and needs a token in HF_TOKEN; did you mean hf:\/\/owner\/repo\?/,
  },
  {
    name: 'a private one, to nobody',
    uri: 'hf://owner/repo',
    access: 'private',
    code: 'source_missing',
    message: /or it is private and needs a token in HF_TOKEN$/,
  },
  {
    name: 'a gated one',
    uri: 'hf://owner/repo',
    access: 'gated',
    code: 'source_refused',
    message:
      /status 401, Access to model is restricted.*; accept its conditions at http:\/\/127\.0\.0\.1:\d+\/owner\/repo, and give a token/,
  },
  {
    name: 'a token that is not valid',
    uri: 'hf://owner/repo',
    token: 'hf_wr0ng',
    code: 'source_refused',
    message:
      /status 401, Invalid credentials in Authorization header; the token in HF_TOKEN.*no longer valid/,
  },
  {
    name: 'a revision that is not there',
    uri: 'hf://owner/repo/m.onnx@mian',
    code: 'source_missing',
    message: /status 404, Invalid rev id: mian; did you mean hf:\/\/owner\/repo\/m\.onnx@main\?$/,
  },
  {
    name: 'a file that is not there',
    uri: 'hf://owner/repo/n.onnx@main',
    code: 'source_missing',
    message: /nothing lies there; did you mean hf:\/\/owner\/repo\/m\.onnx@main\?$/,
  },
  {
    name: 'a file in a folder that is not there',
    uri: 'hf://owner/repo/none/m.onnx',
    code: 'source_missing',
    message: /nothing lies there$/,
  },
  {
    name: 'a commit that is not there',
    uri: `hf://owner/repo@${'0'.repeat(40)}`,
    code: 'source_missing',
    message: /status 404, Invalid rev id: 0+; did you mean hf:\/\/owner\/repo@main\?$/,
  },
];

for (const { name, uri, access = 'public', token, code, message } of refused)
  test(`it is told what is wrong: ${name}`, async t => {
    const { hub } = await hubWith(t, { 'm.onnx': 'm' }, { token: 'hf_s3cr3t' });
    hub.restrict('owner/repo', access);
    const source = await sourceOf(t, hub, uri, token === undefined ? {} : { HF_TOKEN: token });
    await assert.rejects(
      async () => read(source, (await source.list(signal())).files[0]),
      (error: unknown) => {
        assert.ok(error instanceof AppError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.ok(!/hf_/.test(error.message.replace(uri, '')), 'a token is told');
        return true;
      },
    );
  });

test('a token is taken from the environment, or the file that the library of the Hub keeps it in', async t => {
  const { hub } = await hubWith(t, { 'm.onnx': 'm' }, { token: 'hf_s3cr3t' });
  hub.restrict('owner/repo', 'private');
  const home = await mkdtemp(join(tmpdir(), 'fairlead-hf-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  await mkdir(join(home, '.cache/huggingface'), { recursive: true });
  for (const path of ['token', '.cache/huggingface/token']) await writeFile(join(home, path), 'hf_s3cr3t\n');
  for (const environment of [
    { HF_TOKEN: 'hf_s3cr3t' },
    { HUGGING_FACE_HUB_TOKEN: 'hf_s3cr3t' },
    { HF_TOKEN_PATH: join(home, 'token') },
    { HF_HOME: home },
    { HF_HOME: '', XDG_CACHE_HOME: join(home, '.cache') },
    { HF_HOME: '', HOME: home },
  ])
    assert.equal(
      (await (await sourceOf(t, hub, 'hf://owner/repo', environment)).list(signal())).files.length,
      1,
    );
  const implicit = { HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' };
  await assert.rejects((await sourceOf(t, hub, 'hf://owner/repo', implicit)).list(signal()), {
    code: 'source_missing',
  });
});

const unusable: readonly (readonly [string, Record<string, string>, RegExp])[] = [
  ['offline', { HF_HUB_OFFLINE: '1' }, /HF_HUB_OFFLINE is set.*; unset it, or pin the digest/],
  ['without an address', { HF_ENDPOINT: 'hub' }, /HF_ENDPOINT is no address/],
  ['with a password in its address', { HF_ENDPOINT: 'https://me:s3cr3t@hub' }, /HF_ENDPOINT is no address/],
];

for (const [name, environment, message] of unusable)
  test(`the Hub is not asked ${name}`, async t => {
    const hub = await startHub(t);
    await assert.rejects(
      sourceOf(t, hub, 'hf://owner/repo', environment),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'source_refused');
        assert.match(error.message, message);
        assert.ok(!error.message.includes('s3cr3t'));
        return true;
      },
    );
    assert.equal(hub.asked.length, 0);
  });
