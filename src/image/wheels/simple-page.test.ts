import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { linksOf } from './simple-page.ts';

const HASH = '0'.repeat(64);
const URL = 'https://index.example/simple/n/';

test('a page of JSON tells names, addresses, hashes and sizes; what is no file of it is left out', () => {
  const text = JSON.stringify({
    meta: { 'api-version': '1.4' },
    files: [
      {
        filename: 'n-1-py3-none-any.whl',
        url: '../../files/n-1-py3-none-any.whl',
        hashes: { sha256: HASH.toUpperCase() },
        size: 12,
        yanked: 'old',
      },
      { filename: 'n-1.tar.gz', url: 'https://files.example/n-1.tar.gz', hashes: { md5: 'x' } },
      { filename: 'broken' },
      null,
    ],
  });
  assert.deepEqual(linksOf({ text, type: 'application/vnd.pypi.simple.v1+json; charset=utf-8', url: URL }), {
    ok: true,
    value: [
      {
        file: 'n-1-py3-none-any.whl',
        url: 'https://index.example/files/n-1-py3-none-any.whl',
        sha256: HASH,
        size: 12,
      },
      { file: 'n-1.tar.gz', url: 'https://files.example/n-1.tar.gz', sha256: undefined, size: undefined },
    ],
  });
});

test('a page of HTML tells names, addresses and hashes, however it is written', () => {
  const text = `<!doctype html><html><head><base href="/files/"></head><body>
    <a href="n-1-py3-none-any.whl?a=1&amp;b=2#sha256=${HASH}" data-requires-python="&gt;=3.9">n</a><br/>
    <A data-yanked='' HREF='https://files.example/t-1%2Bcpu-py3-none-any.whl#egg=t&sha256=${HASH}'>t</A>
    <a href=n-1.tar.gz#md5=0>n</a> <a name="x">y</a> <a href="http://[">z</a></body></html>`;
  assert.deepEqual(linksOf({ text, type: 'text/html', url: URL }), {
    ok: true,
    value: [
      {
        file: 'n-1-py3-none-any.whl',
        url: 'https://index.example/files/n-1-py3-none-any.whl?a=1&b=2',
        sha256: HASH,
      },
      {
        file: 't-1+cpu-py3-none-any.whl',
        url: 'https://files.example/t-1%2Bcpu-py3-none-any.whl',
        sha256: HASH,
      },
      { file: 'n-1.tar.gz', url: 'https://index.example/files/n-1.tar.gz', sha256: undefined },
    ],
  });
});

for (const [text, problem] of [
  ['{', 'is no JSON, though it says so'],
  ['null', 'has no list of files'],
  ['{"files": 1}', 'has no list of files'],
  ['{"meta": {"api-version": "2.0"}, "files": []}', 'is of a version that is not known here'],
] as const)
  test(`a page of JSON that ${problem} is refused: ${text}`, () => {
    assert.deepEqual(linksOf({ text, type: 'application/json', url: URL }), { ok: false, error: problem });
  });

test('any text is read as a page, without error', () => {
  const piece = fc.constantFrom(
    '<a ',
    'href',
    '=',
    '"',
    "'",
    '>',
    '#sha256=',
    HASH,
    '&#38;',
    '&#x110000;',
    '&lt;',
    'x.whl',
    ' ',
    '<base ',
  );
  fc.assert(
    fc.property(fc.array(piece), pieces =>
      assert.ok(linksOf({ text: pieces.join(''), type: undefined, url: URL }).ok),
    ),
  );
});
