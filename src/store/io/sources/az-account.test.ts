import assert from 'node:assert/strict';
import test from 'node:test';
import { AnonymousCredential, StorageSharedKeyCredential } from '@azure/storage-blob';
import { parseReference } from '../../uri/parse.ts';
import type { AzReference } from '../../uri/reference.ts';
import { type AzAccess, accessTo } from './az-account.ts';

const KEY = Buffer.from('secret').toString('base64');
const connection = `DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=${KEY};EndpointSuffix=core.windows.net`;

interface Case {
  readonly name: string;
  readonly uri: string;
  readonly environment?: Record<string, string>;
  readonly url: string;
  readonly by: AzAccess['by'];
}

const own = 'https://acct.blob.core.windows.net/models';

const cases: readonly Case[] = [
  {
    name: 'a connection string',
    uri: 'az://models/m',
    environment: { AZURE_STORAGE_CONNECTION_STRING: connection },
    url: own,
    by: 'the account key',
  },
  {
    name: 'a connection string with an endpoint and a signature',
    uri: 'az://models/m',
    environment: {
      AZURE_STORAGE_CONNECTION_STRING:
        'BlobEndpoint=https://acct.blob.core.chinacloudapi.cn/;SharedAccessSignature=sv=1&sig=x',
    },
    url: 'https://acct.blob.core.chinacloudapi.cn/models?sv=1&sig=x',
    by: 'a shared access signature',
  },
  {
    name: "the emulator's connection string",
    uri: 'az://models/m',
    environment: { AZURE_STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true' },
    url: 'http://127.0.0.1:10000/devstoreaccount1/models',
    by: 'the account key',
  },
  {
    name: 'an account and its key',
    uri: 'az://models/m',
    environment: { AZURE_STORAGE_ACCOUNT: 'acct', AZURE_STORAGE_KEY: KEY },
    url: own,
    by: 'the account key',
  },
  {
    name: 'an account and a signature',
    uri: 'az://models/m',
    environment: { AZURE_STORAGE_ACCOUNT: 'acct', AZURE_STORAGE_SAS_TOKEN: '?sv=1&sig=x' },
    url: `${own}?sv=1&sig=x`,
    by: 'a shared access signature',
  },
  {
    name: 'a signature of the URI before the key',
    uri: 'https://acct.blob.core.windows.net/models/m?sv=2&sig=y',
    environment: { AZURE_STORAGE_CONNECTION_STRING: connection },
    url: `${own}?sv=2&sig=y`,
    by: 'a shared access signature',
  },
  {
    name: 'nothing, where that is asked for',
    uri: 'az://models@acct/m?anonymous=true',
    environment: { AZURE_STORAGE_CONNECTION_STRING: connection },
    url: own,
    by: 'nothing',
  },
  {
    name: 'an identity for an account that the environment has no key of',
    uri: 'az://models@another/m',
    environment: { AZURE_STORAGE_CONNECTION_STRING: connection, AZURE_STORAGE_SAS_TOKEN: 'sig=x' },
    url: 'https://another.blob.core.windows.net/models',
    by: 'an identity',
  },
  {
    name: 'an identity without anything else',
    uri: 'https://acct.z13.blob.storage.azure.net/models/m',
    url: 'https://acct.z13.blob.storage.azure.net/models',
    by: 'an identity',
  },
];

for (const { name, uri, environment = {}, url, by } of cases)
  test(`a container is read by ${name}`, async () => {
    const reference = parseReference(uri);
    assert.ok(reference.ok);
    const access = await accessTo(reference.value as AzReference, uri, environment);
    assert.deepEqual([access.url, access.by], [url, by]);
    const { credential } = access;
    assert.equal(credential instanceof StorageSharedKeyCredential, by === 'the account key');
    assert.equal('getToken' in credential, by === 'an identity');
    if (by === 'nothing') assert.ok(credential instanceof AnonymousCredential);
  });

test('without an account it is said how to name one', async () => {
  const reference = { scheme: 'az', container: 'models', key: 'm', options: {} } as const;
  await assert.rejects(accessTo(reference, 'az://models/m', {}), {
    code: 'uri_invalid',
    message: /^az:\/\/models\/m: it names no storage account, .*; did you mean az:\/\/models@account\/m\?$/,
  });
});
