import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { AppError } from '#base';
import { standIn } from '../../fixtures/in-process.ts';
import {
  bucketFor,
  noS3,
  placeInS3,
  putObject,
  s3,
  s3Environment,
  s3Origin,
} from '../../fixtures/s3-bucket.ts';
import { everything, type Scheme } from '../../fixtures/scheme.ts';
import { holdCases } from '../../hold.cases.ts';
import { sourceCases } from '../../port.cases.ts';
import type { Listing, Source } from '../../source.ts';
import { parseReference } from '../../uri/parse.ts';
import type { S3Reference } from '../../uri/reference.ts';
import { openS3 } from './s3.ts';

const scheme: Scheme = {
  name: 's3://',
  can: { ...everything, alwaysRanges: true },
  skip: noS3,
  place: placeInS3,
};
sourceCases(scheme);
holdCases(scheme);

async function sourceOf(
  t: TestContext,
  uri: string,
  environment: Readonly<Record<string, string | undefined>> = s3Environment,
): Promise<Source> {
  const reference = parseReference(uri);
  assert.ok(reference.ok);
  const options = { patienceMs: 10_000, connections: 4, environment };
  const source = await openS3(reference.value as S3Reference, uri, options);
  t.after(() => source.close());
  return source;
}

async function listed(t: TestContext, uri: string): Promise<Listing> {
  return (await sourceOf(t, uri)).list(AbortSignal.timeout(30_000));
}

const real = (bucket: string, key: string): string => `s3://${bucket}/${key}?endpoint=${s3Origin}`;

test('a whole bucket is listed', { skip: noS3 }, async t => {
  const bucket = await bucketFor(t);
  await putObject(bucket, 'm/model.onnx', 'a');
  await putObject(bucket, 'b.onnx', 'bc');
  const { files } = await listed(t, real(bucket, ''));
  assert.deepEqual(
    files.map(({ path, size }) => [path, size]),
    [
      ['b.onnx', 2],
      ['m/model.onnx', 1],
    ],
  );
});

const near: readonly (readonly [asked: string, meant: string | undefined])[] = [
  ['m', 'm-v2'],
  ['models/digts', 'models/digits'],
  ['models/digits/modle.onnx', 'models/digits/model.onnx'],
  ['nothing/like/it', undefined],
];

for (const [asked, meant] of near)
  test(`of ${asked}, which is missing, ${meant ?? 'nothing'} is near`, { skip: noS3 }, async t => {
    const bucket = await bucketFor(t);
    for (const key of ['m-v2/model.onnx', 'models/digits/model.onnx', 'other/x'])
      await putObject(bucket, key, 'x');
    await assert.rejects(listed(t, real(bucket, asked)), (error: AppError) => {
      assert.equal(error.code, 'source_missing');
      assert.equal(error.facts['remedy'], meant && real(bucket, meant));
      return true;
    });
  });

test('a bucket that is not there is named', { skip: noS3 }, async t => {
  await assert.rejects(listed(t, real('no-such-bucket-here', 'm')), {
    code: 'source_missing',
    message: /status 404, there is no bucket 'no-such-bucket-here'/,
  });
});

test('an empty object that bears the name of a folder is its marker', async t => {
  const object = (key: string, size: number): string =>
    `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>"0-1"</ETag></Contents>`;
  const listing = (...within: string[]): string =>
    `<ListBucketResult><Name>models</Name>${within.join('')}</ListBucketResult>`;
  const level = listing(object('m', 0), '<CommonPrefixes><Prefix>m/</Prefix></CommonPrefixes>');
  const below = listing(object('m/sub', 0), object('m/sub/x', 1));
  const { origin } = await standIn(t, ({ url }, response) =>
    response.writeHead(200).end(url.includes('delimiter') ? level : below),
  );
  const { files, named } = await listed(t, `s3://models/m?endpoint=${origin}`);
  assert.deepEqual([files.map(({ path }) => path), named], [['sub/x'], undefined]);
});

test('what S3 declares of an object is its checksum, and of one in parts there is none', {
  skip: noS3,
}, async t => {
  const bucket = await bucketFor(t);
  await putObject(bucket, 'm/md5', 'hello');
  await s3().send(
    new PutObjectCommand({ Bucket: bucket, Key: 'm/sha', Body: 'hello', ChecksumAlgorithm: 'SHA256' }),
  );
  await inParts(bucket, 'm/parts');
  const { files } = await listed(t, real(bucket, 'm'));
  assert.deepEqual(Object.fromEntries(files.map(({ path, checksum }) => [path, checksum])), {
    md5: { algorithm: 'md5', hex: '5d41402abc4b2a76b9719d911017c592' },
    parts: undefined,
    sha: { algorithm: 'sha256', hex: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' },
  });
});

async function inParts(bucket: string, key: string): Promise<void> {
  const one = { Bucket: bucket, Key: key };
  const { UploadId } = await s3().send(new CreateMultipartUploadCommand(one));
  const { ETag } = await s3().send(new UploadPartCommand({ ...one, UploadId, PartNumber: 1, Body: 'hello' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3().send(new CompleteMultipartUploadCommand({ ...one, UploadId, MultipartUpload }));
}

const LISTING = (key: string): string =>
  `<?xml version="1.0"?><ListBucketResult><Name>models</Name><IsTruncated>false</IsTruncated><Contents><Key>${key}</Key><Size>1</Size><ETag>"0-1"</ETag></Contents></ListBucketResult>`;

const ERROR = (code: string): string =>
  `<Error><Code>${code}</Code><Message>the words of S3.</Message></Error>`;

const refused: readonly (readonly [code: string, status: number, as: string, message: RegExp])[] = [
  [
    'AccessDenied',
    403,
    'source_refused',
    /status 403, AccessDenied: the words of S3; let the credentials in use do s3:ListBucket/,
  ],
  [
    'InvalidAccessKeyId',
    403,
    'source_refused',
    /InvalidAccessKeyId: the words of S3; check AWS_ACCESS_KEY_ID/,
  ],
  ['ExpiredToken', 400, 'source_refused', /ExpiredToken: the words of S3; get new credentials/],
  ['InvalidToken', 400, 'source_refused', /AWS_SESSION_TOKEN/],
  [
    'RequestTimeTooSkewed',
    403,
    'source_refused',
    /the clock of this machine is too far from that of the store; set the clock/,
  ],
  ['InvalidObjectState', 403, 'source_refused', /archived: restore it/],
  ['NoSuchBucket', 404, 'source_missing', /there is no bucket 'models'/],
  ['SlowDown', 503, 'source_unavailable', /status 503, SlowDown: the words of S3$/],
  ['RequestTimeout', 400, 'source_unavailable', /status 400, RequestTimeout/],
  ['InternalError', 500, 'source_unavailable', /status 500/],
  ['PermanentRedirect', 301, 'source_invalid', /status 301, PermanentRedirect/],
  ['InvalidRequest', 400, 'source_invalid', /status 400, InvalidRequest/],
];

for (const [code, status, as, message] of refused)
  test(`${code} of S3 is ${as}`, async t => {
    const { origin, heard } = await standIn(t, (_, response) => response.writeHead(status).end(ERROR(code)));
    await assert.rejects(listed(t, `s3://models/m?endpoint=${origin}`), { code: as, message });
    // Whoever may not list may still read: it asks for both, and each again with the clock of the answer.
    assert.ok(heard.length <= (code === 'RequestTimeTooSkewed' ? 4 : 2), 'it asked again');
  });

test('Retry-After is kept, in whatever status it comes', async t => {
  const { origin } = await standIn(t, (_, response) =>
    response.writeHead(400, { 'retry-after': '3' }).end(ERROR('RequestTimeout')),
  );
  await assert.rejects(
    listed(t, `s3://models/m?endpoint=${origin}`),
    (error: AppError) => error.facts['waitMs'] === 3000,
  );
});

const places: readonly (readonly [
  name: string,
  status: number,
  headers: Record<string, string>,
  body: string,
])[] = [
  ['301 with x-amz-bucket-region', 301, { 'x-amz-bucket-region': 'eu-west-1' }, ERROR('PermanentRedirect')],
  [
    '400 with the region in the error',
    400,
    {},
    ERROR('AuthorizationHeaderMalformed').replace('</Error>', '<Region>eu-west-1</Region></Error>'),
  ],
];

for (const [name, status, headers, body] of places)
  test(`a bucket in another region is found by ${name}, once for all requests`, async t => {
    const { origin, heard } = await standIn(t, ({ headers: { authorization = '' }, url }, response) => {
      if (!authorization.includes('/eu-west-1/s3/')) response.writeHead(status, headers).end(body);
      else if (url.includes('list-type')) response.writeHead(200).end(LISTING('m'));
      else
        response
          .writeHead(206, { 'content-range': 'bytes 0-0/1', etag: '"0-1"', 'content-length': 1 })
          .end('x');
    });
    const source = await sourceOf(t, `s3://models/m?endpoint=${origin}`);
    const [file] = (await source.list(AbortSignal.timeout(10_000))).files;
    assert.ok(file !== undefined);
    for await (const chunk of await source.read(file, { start: 0, end: 1 }, AbortSignal.timeout(10_000)))
      assert.equal(chunk.length, 1);
    assert.equal(
      heard.filter(({ headers: { authorization } }) => authorization?.includes('/us-east-1/')).length,
      1,
    );
  });

test('a region that is another one each time is not followed for ever', async t => {
  let count = 0;
  const { origin, heard } = await standIn(t, (_, response) =>
    response.writeHead(301, { 'x-amz-bucket-region': `eu-west-${++count}` }).end(ERROR('PermanentRedirect')),
  );
  await assert.rejects(listed(t, `s3://models/m?endpoint=${origin}`), { code: 'source_invalid' });
  assert.equal(heard.length, 2);
});

test('a clock that is wrong is set by the answer, for these requests', async t => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const { origin, heard } = await standIn(t, ({ headers }, response) => {
    const isRight =
      headers['x-amz-date']?.toString().slice(0, 11) ===
      new Date(date).toISOString().replaceAll(/[-:]/g, '').slice(0, 11);
    response
      .writeHead(isRight ? 200 : 403, { date })
      .end(isRight ? LISTING('m') : ERROR('RequestTimeTooSkewed'));
  });
  assert.equal((await listed(t, `s3://models/m?endpoint=${origin}`)).named, 'm');
  assert.equal(heard[0]?.url, heard[1]?.url);
});

test('a listing without an end is given up', async t => {
  const { origin } = await standIn(t, (_, response) => {
    response.writeHead(200);
    const more = (): void => void (response.writable && response.write('<x>'.repeat(100_000), more));
    more();
  });
  await assert.rejects(listed(t, `s3://models/m?endpoint=${origin}`), {
    code: 'source_invalid',
    message: /more bytes than it was asked for/,
  });
});

test('a listing that goes on with itself is given up', async t => {
  const { origin } = await standIn(t, ({ url }, response) => {
    const token = '<NextContinuationToken>same</NextContinuationToken>';
    const text = LISTING('m/x').replace('<IsTruncated>false', `${token}<IsTruncated>true`);
    const level =
      '<ListBucketResult><Name>m</Name><CommonPrefixes><Prefix>m/</Prefix></CommonPrefixes></ListBucketResult>';
    response.writeHead(200).end(url.includes('delimiter') ? level : text);
  });
  await assert.rejects(listed(t, `s3://models/m?endpoint=${origin}`), {
    code: 'source_invalid',
    message: /goes on/,
  });
});

for (const key of ['m/../../etc/passwd', 'm//x', 'm/a\\b', 'm/./x'])
  test(`a key that is no path is refused: ${key}`, async t => {
    const level =
      '<ListBucketResult><Name>m</Name><CommonPrefixes><Prefix>m/</Prefix></CommonPrefixes></ListBucketResult>';
    const { origin } = await standIn(t, ({ url }, response) =>
      response.writeHead(200).end(url.includes('delimiter') ? level : LISTING(key)),
    );
    await assert.rejects(listed(t, `s3://models/m?endpoint=${origin}`), {
      code: 'source_invalid',
      message: /can be no path/,
    });
  });
