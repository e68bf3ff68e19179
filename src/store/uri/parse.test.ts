import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseReference } from './parse.ts';

const files: readonly { uri: string; path: string }[] = [
  { uri: 'model.onnx', path: 'model.onnx' },
  { uri: './models/digits', path: './models/digits' },
  { uri: '/models/digits', path: '/models/digits' },
  { uri: 'a folder/mödel.onnx', path: 'a folder/mödel.onnx' },
  { uri: '100%.onnx', path: '100%.onnx' },
  { uri: 'file:///models/digits', path: '/models/digits' },
  { uri: 'file://localhost/models/digits', path: '/models/digits' },
  { uri: 'file:/models/digits', path: '/models/digits' },
  { uri: 'FILE:///models/digits', path: '/models/digits' },
  { uri: 'file:///a%20folder/m%C3%B6del.onnx', path: '/a folder/mödel.onnx' },
];

for (const { uri, path } of files) {
  test(`${uri} is the file ${path}`, () => {
    assert.deepEqual(parseReference(uri), { ok: true, value: { scheme: 'file', path } });
  });
}

const refused: readonly { uri: string; problem: RegExp; remedy?: string }[] = [
  { uri: 'flie:///models/digits', problem: /'flie' is not known/, remedy: 'file://' },
  { uri: 'ftp://host/model.onnx', problem: /'ftp' is not known/ },
  { uri: 'constructor:x', problem: /'constructor' is not known/ },
  { uri: 'file://host/model.onnx', problem: /another host/, remedy: 'file:///path' },
  { uri: 'file:model.onnx', problem: /another host/, remedy: 'file:///path' },
  { uri: 'file:///100%.onnx', problem: /broken/, remedy: 'file:///path' },
];

for (const { uri, problem, remedy } of refused) {
  test(`${uri} is refused`, () => {
    const result = parseReference(uri);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
    assert.equal(result.error.remedy, remedy);
  });
}

test('any text is read or refused, and what has no scheme is a path as it stands', () => {
  fc.assert(
    fc.property(fc.string(), uri => {
      const result = parseReference(uri);
      if (!uri.includes(':')) assert.deepEqual(result, { ok: true, value: { scheme: 'file', path: uri } });
    }),
  );
});
