/** The catalogue of errors against the code that uses it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogue, type ErrorCode } from '#base';
import { type Sources, sourcesUnder, tokens } from './source.ts';

const CATALOGUE = 'src/base/errors';

/** The codes among `codes` that no code names: nothing can fail with them. */
function unused(codes: readonly string[], files: Sources): string[] {
  const sources = [...files].filter(([path]) => !path.endsWith('.test.ts'));
  const named = new Set(sources.flatMap(([path, source]) => namesIn(path, source)));
  return codes.filter(code => !named.has(code));
}

/** The strings of a file; of the catalogue's own only those given to `failure(`. */
function namesIn(path: string, source: string): string[] {
  const found = tokens(source);
  const strings = found.filter(({ kind }, index) => {
    const isThrown = found[index - 1]?.text === '(' && found[index - 2]?.text === 'failure';
    return kind === 'string' && (!path.startsWith(CATALOGUE) || isThrown);
  });
  return strings.map(({ text }) => text);
}

const codes = Object.keys(catalogue) as ErrorCode[];

test('every error of the catalogue can happen', () => {
  assert.deepEqual(unused(codes, sourcesUnder('src')), []);
});

test('a code that nothing uses is named', () => {
  const files = new Map([
    [CATALOGUE, "const catalogue = { a: { retry: 'b' } }; failure('c');"],
    ['src/spec/a.ts', "failure('d', {}); // 'e'"],
    ['src/spec/a.test.ts', "failure('f', {});"],
  ]);
  assert.deepEqual(unused(['a', 'b', 'c', 'd', 'e', 'f'], files), ['a', 'b', 'e', 'f']);
});

for (const code of codes) {
  test(`${code} is named, numbered and explained as the edges need`, () => {
    const { status, exit, meaning, ...entry } = catalogue[code];
    assert.match(code, /^[a-z]+(_[a-z]+)*$/);
    assert.ok(status >= 400 && status <= 599, 'an HTTP status of a failure');
    assert.match(meaning, /^[A-Z].*[.]$/s);
    const { hint } = entry as { hint?: string };
    assert.ok(
      hint === undefined || /^[^A-Z].*[^.]$/.test(hint),
      'a hint begins small and ends without a stop',
    );
    // A fault of the client's is exit 2, so that scripts can tell it from one of the surroundings, as too much at once is.
    if (status < 500) assert.equal(exit, status === 429 ? 3 : 2);
  });
}
