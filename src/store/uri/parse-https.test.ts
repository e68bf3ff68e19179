import assert from 'node:assert/strict';
import test from 'node:test';
import { parseReference } from './parse.ts';
import { plainHttpProblem } from './parse-https.ts';

const read: readonly (readonly [string, string])[] = [
  ['https://host/m.onnx', 'https://host/m.onnx'],
  ['HTTPS://Host:8443/a/m.tar.gz', 'https://host:8443/a/m.tar.gz'],
  ['http://localhost:9000/m.onnx', 'http://localhost:9000/m.onnx'],
  ['https://host/a%20b/m%2Fn.onnx?download=true&x=%3F', 'https://host/a%20b/m%2Fn.onnx?download=true&x=%3F'],
  ['https://host/mödel.onnx', 'https://host/m%C3%B6del.onnx'],
  ['https://me:secret@host/m.onnx', 'https://me:secret@host/m.onnx'],
  ['https://host/download?file=m.onnx', 'https://host/download?file=m.onnx'],
];

for (const [uri, url] of read)
  test(`${uri} is the file ${url}`, () => {
    assert.deepEqual(parseReference(uri), { ok: true, value: { scheme: 'https', url } });
  });

const refused: readonly (readonly [string, RegExp])[] = [
  ['https:host/m.onnx', /no host/],
  ['https:///m.onnx', /no host/],
  ['https://', /no host/],
  ['https://ho st/m.onnx', /no URL/],
  ['https://host:99999/m.onnx', /no URL/],
  ['https://host', /a folder/],
  ['https://host/models/', /a folder/],
  ['https://host/m.onnx#v2', /never sent/],
];

for (const [uri, problem] of refused)
  test(`${uri} is refused`, () => {
    const result = parseReference(uri);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
  });

const plain: readonly { uri: string; digest?: string; isRefused: boolean }[] = [
  { uri: 'https://host/m.onnx', isRefused: false },
  { uri: 'http://host/m.onnx', isRefused: true },
  { uri: 'http://host/m.onnx', digest: 'sha256:00', isRefused: false },
  { uri: 'http://localhost/m.onnx', isRefused: false },
  { uri: 'http://127.0.0.1:80/m.onnx', isRefused: false },
  { uri: 'http://[::1]/m.onnx', isRefused: false },
  { uri: 'http://127.0.0.1.evil.example/m.onnx', isRefused: true },
  { uri: 'http://localhost.example/m.onnx', isRefused: true },
];

for (const { uri, digest, isRefused } of plain)
  test(`${uri} ${digest === undefined ? 'without a pin' : 'pinned'} is ${isRefused ? 'refused' : 'let through'}`, () => {
    const reference = parseReference(uri);
    assert.ok(reference.ok);
    assert.equal(plainHttpProblem(reference.value, digest) !== undefined, isRefused);
  });
