/** At which host, and with which path, a bucket is asked for. A proxy stands for all names, so that none is looked up. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import test from 'node:test';
import { type Heard, standIn } from '../../fixtures/in-process.ts';
import { parseReference } from '../../uri/parse.ts';
import type { S3Reference } from '../../uri/reference.ts';
import { openS3 } from './s3.ts';

const asked: readonly (readonly [uri: string, url: string])[] = [
  ['s3://models/m?endpoint=http://s3.store.example', 'http://s3.store.example/models/'],
  ['s3://models/m?endpoint=http://minio:9000', 'http://minio:9000/models/'],
  ['s3://models/m?endpoint=http://s3.amazonaws.com', 'http://models.s3.amazonaws.com/'],
  [
    's3://models/m?endpoint=http://s3.store.example:9000&addressing=virtual',
    'http://models.s3.store.example:9000/',
  ],
  ['s3://models/m?endpoint=http://s3.store.example&addressing=path', 'http://s3.store.example/models/'],
  ['s3://my.models/m?endpoint=http://s3.store.example', 'http://s3.store.example/my.models/'],
  ['s3://models/m?endpoint=http://10.1.2.3:9000', 'http://10.1.2.3:9000/models/'],
  ['s3://models/m?endpoint=http://10.1.2.3:9000&addressing=virtual', 'http://10.1.2.3:9000/models/'],
  ['s3://models/m?endpoint=http://s3.localhost:9000&addressing=virtual', 'http://models.s3.localhost:9000/'],
];

for (const [uri, url] of asked)
  test(`${uri} is asked for at ${url}`, { skip: noProxies() }, async t => {
    const { origin, heard } = await standIn(t, (_, response) => response.writeHead(404).end());
    const reference = parseReference(uri);
    assert.ok(reference.ok);
    const environment = { http_proxy: origin, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
    const options = { patienceMs: 5000, connections: 1, environment };
    const source = await openS3(reference.value as S3Reference, uri, options);
    t.after(() => source.close());
    await assert.rejects(source.list(AbortSignal.timeout(10_000)), { code: 'source_missing' });
    const [path, query = ''] = heard[0]?.url.split('?') ?? [];
    assert.equal(path, url);
    assert.match(query, /prefix=m/);
    assert.equal(heard[0]?.headers.host, new URL(url).host);
    assert.ok(heard[0] !== undefined && isSigned(heard[0], 'secret'), 'the signature is wrong');
  });

/** Whether a request bears the signature that its host, path and query come to: AWS Signature Version 4. */
function isSigned({ method, url, headers }: Heard, secret: string): boolean {
  const [, scope = '', names = '', signature = ''] =
    /Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(headers.authorization ?? '') ?? [];
  const { pathname, search } = new URL(url);
  const signed = names.split(';').map(name => `${name}:${headers[name]?.toString()}\n`);
  const query = search.slice(1).split('&').toSorted().join('&');
  const request = [method, pathname, query, signed.join(''), names, headers['x-amz-content-sha256']];
  const hash = createHash('sha256').update(request.join('\n')).digest('hex');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash].join('\n');
  const hmac = (key: string | Buffer, part: string): Buffer =>
    createHmac('sha256', key).update(part).digest();
  return (
    hmac(scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`), text).toString('hex') === signature
  );
}

function noProxies(): string | false {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isKnown = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
  return isKnown ? false : 'this Node knows no proxies';
}
