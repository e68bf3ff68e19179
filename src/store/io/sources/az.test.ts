import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  BlobSASPermissions,
  type ContainerClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { AppError } from '#base';
import {
  azAccount,
  azEndpoint,
  azEnvironment,
  azKey,
  containerFor,
  noAz,
  placeInAz,
} from '../../fixtures/az-container.ts';
import { readOnce, standIn } from '../../fixtures/in-process.ts';
import { everything, type Scheme } from '../../fixtures/scheme.ts';
import { holdCases } from '../../hold.cases.ts';
import { sourceCases } from '../../port.cases.ts';
import type { Source } from '../../source.ts';
import { parseReference } from '../../uri/parse.ts';
import type { AzReference } from '../../uri/reference.ts';
import { openAz } from './az.ts';

const scheme: Scheme = {
  name: 'az://',
  can: { ...everything, alwaysRanges: true },
  skip: noAz,
  place: placeInAz,
};
sourceCases(scheme);
holdCases(scheme);

const options = { skip: noAz, timeout: 60_000 };

async function sourceOf(
  t: TestContext,
  uri: string,
  environment: Readonly<Record<string, string>> = azEnvironment(),
): Promise<Source> {
  const reference = parseReference(uri);
  assert.ok(reference.ok);
  const source = await openAz(reference.value as AzReference, uri, {
    patienceMs: 10_000,
    connections: 4,
    environment,
  });
  t.after(() => source.close());
  return source;
}

/** What a URI leads to, as text by path. */
async function texts(source: Source): Promise<Record<string, string>> {
  const signal = AbortSignal.timeout(30_000);
  const found: Record<string, string> = {};
  for (const file of (await source.list(signal)).files) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await source.read(file, undefined, signal)) chunks.push(Buffer.from(chunk));
    found[file.path] = Buffer.concat(chunks).toString();
  }
  return found;
}

async function withModel(t: TestContext): Promise<ContainerClient> {
  const container = await containerFor(t);
  for (const [key, text] of [
    ['m/model.onnx', 'bytes'],
    ['m/model.onnx.data', 'weights'],
    ['m-v2/model.onnx', 'other'],
  ] as const)
    await container.getBlockBlobClient(key).upload(text, text.length);
  return container;
}

const both = { 'model.onnx': 'bytes', 'model.onnx.data': 'weights' };

function signed(container: ContainerClient, blobName?: string): string {
  const what = {
    containerName: container.containerName,
    expiresOn: new Date(Date.now() + 600_000),
    ...(blobName === undefined
      ? { permissions: ContainerSASPermissions.parse('rl') }
      : { blobName, permissions: BlobSASPermissions.parse('r') }),
  };
  return generateBlobSASQueryParameters(what, new StorageSharedKeyCredential(azAccount, azKey)).toString();
}

/** The account at its endpoint, with nothing that shows who asks. */
const nobody = { AZURE_STORAGE_CONNECTION_STRING: `AccountName=${azAccount};BlobEndpoint=${azEndpoint}` };

test('a signature of a container reads what lies in it', options, async t => {
  const container = await withModel(t);
  const uri = `az://${container.containerName}@${azAccount}/m`;
  assert.deepEqual(await texts(await sourceOf(t, `${uri}?${signed(container)}`, nobody)), both);
  const inEnvironment = {
    AZURE_STORAGE_CONNECTION_STRING: `AccountName=${azAccount};BlobEndpoint=${azEndpoint};SharedAccessSignature=${signed(container)}`,
  };
  assert.deepEqual(await texts(await sourceOf(t, uri, inEnvironment)), both);
});

test('a signature of one blob reads it, though it may not list', options, async t => {
  const container = await withModel(t);
  const uri = `az://${container.containerName}@${azAccount}/m/model.onnx?${signed(container, 'm/model.onnx')}`;
  assert.deepEqual(await texts(await sourceOf(t, uri, nobody)), { 'model.onnx': 'bytes' });
});

test('a signature that is wrong is refused, and never shown', options, async t => {
  const container = await withModel(t);
  const sas = signed(container).replace(/sig=.{6}/, 'sig=geheim');
  const uri = `az://${container.containerName}@${azAccount}/m?${sas}`;
  await assert.rejects(
    (await sourceOf(t, uri, nobody)).list(AbortSignal.timeout(10_000)),
    (error: AppError) => {
      assert.equal(error.code, 'source_refused');
      assert.match(error.message, /status 403, \w+; the signature must not have expired/);
      assert.doesNotMatch(error.message + JSON.stringify(error.facts), /geheim/);
      return true;
    },
  );
});

test('a key of another account is refused', options, async t => {
  const container = await withModel(t);
  const wrong = { ...azEnvironment() };
  wrong['AZURE_STORAGE_CONNECTION_STRING'] =
    `AccountName=${azAccount};AccountKey=${Buffer.from('no').toString('base64')};BlobEndpoint=${azEndpoint}`;
  const source = await sourceOf(t, `az://${container.containerName}/m`, wrong);
  await assert.rejects(source.list(AbortSignal.timeout(10_000)), {
    code: 'source_refused',
    message: /status 403, .*; check that AZURE_STORAGE_CONNECTION_STRING/,
  });
});

test(
  'what is public is read anonymously, a container and a blob alone, and what is not says so',
  options,
  async t => {
    const container = await withModel(t);
    const uri = (key: string): string => `az://${container.containerName}/${key}?anonymous=true`;
    const list = async (key: string): Promise<Record<string, string>> => texts(await sourceOf(t, uri(key)));
    await assert.rejects(list('m'), (error: AppError) =>
      ['source_refused', 'source_missing'].includes(error.code),
    );
    await container.setAccessPolicy('blob');
    assert.deepEqual(await list('m/model.onnx'), both);
    await container.setAccessPolicy('container');
    assert.deepEqual(await list('m'), both);
  },
);

test('the MD5 that is kept with a blob is its checksum', options, async t => {
  const container = await withModel(t);
  const { files } = await (await sourceOf(t, `az://${container.containerName}/m-v2`)).list(
    AbortSignal.timeout(10_000),
  );
  assert.deepEqual(files[0]?.checksum, { algorithm: 'md5', hex: '795f3202b17cb6bc3d4b771d8c6c9eaf' });
});

test('what is near to what is missing is told', options, async t => {
  const container = await withModel(t);
  const missing = async (key: string): Promise<unknown> =>
    (await sourceOf(t, `az://${container.containerName}/${key}`))
      .list(AbortSignal.timeout(10_000))
      .catch((error: AppError) => error.facts['remedy']);
  assert.equal(await missing('m/modle.onnx'), `az://${container.containerName}/m/model.onnx`);
  assert.equal(await missing('m-v'), `az://${container.containerName}/m-v2`);
  assert.equal(await missing('nothing/like/it'), undefined);
});

test('a container that is not there is named', options, async t => {
  await assert.rejects((await sourceOf(t, 'az://no-such-container/m')).list(AbortSignal.timeout(10_000)), {
    code: 'source_missing',
    message: /there is no container 'no-such-container'/,
  });
});

test('without credentials it is said what was looked for', { timeout: 60_000 }, async () => {
  const { code, message = '' } = await readOnce('az://models@acct/m', {});
  assert.equal(code, 'source_refused');
  for (const word of ['AZURE_STORAGE_CONNECTION_STRING', 'AZURE_CLIENT_ID', '`az login`', '?anonymous=true'])
    assert.ok(message.includes(word), message);
});

test('a token of an identity is not sent over plain http', async t => {
  const { origin, heard } = await standIn(t, (_, response) => response.writeHead(200).end());
  const environment = { AZURE_STORAGE_CONNECTION_STRING: `AccountName=acct;BlobEndpoint=${origin}/acct` };
  const source = await sourceOf(t, 'az://models/m', environment);
  await assert.rejects(source.list(AbortSignal.timeout(10_000)), {
    code: 'source_refused',
    message: /plain http/,
  });
  assert.equal(heard.length, 0);
});
