import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { forgottenScheme, insteadOf, wordsOf } from './forgotten.ts';
import { parseReference } from './parse.ts';

const meant: readonly [text: string, ...uris: string[]][] = [
  ['my-bucket/team/x', 's3://my-bucket/team/x', 'gs://my-bucket/team/x'],
  ['my-bucket/digits.onnx', 's3://my-bucket/digits.onnx', 'gs://my-bucket/digits.onnx'],
  ['my.bucket/a/b/', 's3://my.bucket/a/b', 'gs://my.bucket/a/b'],
  ['owner/repo', 'hf://owner/repo', 's3://owner/repo', 'gs://owner/repo'],
  ['Xenova/all-MiniLM-L6-v2', 'hf://Xenova/all-MiniLM-L6-v2'],
  ['Xenova/all-MiniLM-L6-v2@v1.0', 'hf://Xenova/all-MiniLM-L6-v2@v1.0'],
  ['ghcr.io/org/m:1', 'oci://ghcr.io/org/m:1'],
  ['ghcr.io/org/m', 'oci://ghcr.io/org/m'],
  ['localhost:5000/m:1', 'oci://localhost:5000/m:1'],
  ['12.dkr.ecr.eu-west-1.amazonaws.com/m', 'oci://12.dkr.ecr.eu-west-1.amazonaws.com/m'],
  ['eu-docker.pkg.dev/p/r/m:1', 'oci://eu-docker.pkg.dev/p/r/m:1'],
  [`host.example.org/m@sha256:${'a'.repeat(64)}`, `oci://host.example.org/m@sha256:${'a'.repeat(64)}`],
  ['my-bucket.s3.eu-west-1.amazonaws.com/k/x', 's3://my-bucket/k/x'],
  ['my-bucket.s3.amazonaws.com/k', 's3://my-bucket/k'],
  ['s3.eu-west-1.amazonaws.com/b/k', 's3://b/k'],
  ['s3-eu-west-1.amazonaws.com/b/k', 's3://b/k'],
  ['storage.googleapis.com/b/k', 'gs://b/k'],
  ['b.storage.googleapis.com/k', 'gs://b/k'],
  ['acct.blob.core.windows.net/c/b/x', 'az://c@acct/b/x'],
  ['acct.z13.blob.storage.azure.net/c/b', 'https://acct.z13.blob.storage.azure.net/c/b'],
  ['huggingface.co/owner/repo', 'hf://owner/repo'],
  ['hf.co/owner/repo/tree/main/onnx', 'hf://owner/repo/onnx@main'],
  ['www.host.org/x.onnx', 'https://www.host.org/x.onnx'],
  ['host.org/models/x.onnx', 'https://host.org/models/x.onnx'],
  ['host:8080/x', 'https://host:8080/x'],
  ['localhost:8080/x.onnx', 'http://localhost:8080/x.onnx'],
  ['s3:/b/k', 's3://b/k'],
  ['s3:b/k', 's3://b/k'],
  ['S3//b/k', 's3://b/k'],
  ['s3;//b/k', 's3://b/k'],
  ['https:/host.org/x.onnx', 'https://host.org/x.onnx'],
  ['s3a://b/k', 's3://b/k'],
  ['gcs://b/k', 'gs://b/k'],
  ['docker://ghcr.io/org/m:1', 'oci://ghcr.io/org/m:1'],
  ['abfss://c@acct.dfs.core.windows.net/m/x', 'az://c@acct/m/x'],
  ['wasbs://c@acct.blob.core.windows.net/m', 'az://c@acct/m'],
];

for (const [text, ...uris] of meant)
  test(`${text} may mean ${uris.join(' or ')}`, () => {
    assert.deepEqual(forgottenScheme(text)?.uris, uris);
  });

const nothing: readonly string[] = [
  '',
  'm',
  'digits.onnx',
  './m',
  './owner/repo',
  '../m/x',
  '~/models/x',
  '/models/x',
  '.cache/models/x',
  'models/digits.onnx',
  'model/1/model.onnx',
  'artifacts/digits',
  'C:\\models\\x.onnx',
  'a b/c d/e',
  'a//b',
  'constructor:x',
  'x'.repeat(2000) + '/y/z',
];

for (const text of nothing)
  test(`'${text.slice(0, 40)}' means nothing else`, () => {
    assert.equal(forgottenScheme(text), undefined);
  });

const urls: readonly [url: string, words: RegExp | undefined][] = [
  ['https://huggingface.co/owner/repo', /^did you mean hf:\/\/owner\/repo\?$/],
  ['https://huggingface.co/owner/repo.git', /hf:\/\/owner\/repo\?/],
  ['https://huggingface.co/owner/repo/tree/v1/onnx/', /hf:\/\/owner\/repo\/onnx@v1\?/],
  ['https://huggingface.co/datasets/owner/data', undefined],
  ['https://b.s3.eu-west-1.amazonaws.com/m/?X-Amz-Signature=geheim', /^did you mean s3:\/\/b\/m\/\?$/],
  ['https://s3.amazonaws.com/b', /s3:\/\/b\?/],
  ['https://storage.googleapis.com/b/m', /gs:\/\/b\/m\?/],
  ['https://storage.cloud.google.com/b/m', /gs:\/\/b\/m\?/],
  ['https://github.com/org/x.git', /repository of git/],
  ['https://host.org/x.onnx', undefined],
  ['https://ghcr.io/v2/x', undefined],
  ['models/x', undefined],
];

for (const [url, words] of urls)
  test(`${url} ${words === undefined ? 'means itself' : `may mean ${words.source}`}`, () => {
    const said = insteadOf(url);
    if (words === undefined) assert.equal(said, undefined);
    else assert.match(said ?? '', words);
  });

test('a bucket is named as a bucket only if it is one', () => {
  assert.equal(
    wordsOf({ uris: ['hf://a-b/c', 's3://a-b/c', 'gs://a-b/c'], bucket: 'a-b' }),
    "did you mean hf://a-b/c? if 'a-b' is a bucket, write s3://a-b/c or gs://a-b/c",
  );
  assert.equal(wordsOf({ uris: ['s3://b/k'] }), 'did you mean s3://b/k?');
});

test('a scheme that is not known says what its URI may mean', () => {
  for (const [text, uri] of meant) {
    const result = parseReference(text);
    if (!result.ok && !/must stand behind/.test(result.error.problem))
      assert.equal(result.error.remedy, uri, text);
  }
});

test('whatever the text, a guess is at once there and has a scheme', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.array(fc.domain()).map(names => names.join('/')),
      ),
      text => {
        for (const uri of forgottenScheme(text)?.uris ?? [])
          assert.match(uri, /^(s3|gs|az|oci|hf|pvc|https?):\/\/./);
      },
    ),
  );
});
