import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { imports, sourcesUnder, tokens } from './source.ts';

const words = (source: string): string[] =>
  tokens(source)
    .filter(({ kind }) => kind === 'word')
    .map(({ text }) => text);

const cases: readonly { name: string; source: string; words: readonly string[] }[] = [
  { name: 'a line comment', source: 'a // b\nc', words: ['a', 'c'] },
  { name: 'a block comment over lines', source: 'a /* b\n * c */ d', words: ['a', 'd'] },
  { name: 'a comment opened inside a string', source: "x = '/*'; y = '*/'", words: ['x', 'y'] },
  { name: 'a quote inside a comment', source: "a // don't\nb", words: ['a', 'b'] },
  { name: 'an escaped quote', source: String.raw`a('\'b'); c`, words: ['a', 'c'] },
  { name: 'the other quote inside a string', source: `a("'"); b('"')`, words: ['a', 'b'] },
  { name: 'a template', source: 'a(`b c`); d', words: ['a', 'd'] },
  { name: 'code inside a template', source: 'a(`b ${c} d ${e.f} g`); h', words: ['a', 'c', 'e', 'f', 'h'] },
  { name: 'a template in a template', source: 'a(`b ${c(`d ${e}`)} f`); g', words: ['a', 'c', 'e', 'g'] },
  { name: 'braces inside a template', source: 'a(`b ${c({ d: {} })} e`); f', words: ['a', 'c', 'd', 'f'] },
  { name: 'a dollar that opens nothing', source: 'a(`$b $$ \\${c}`); d', words: ['a', 'd'] },
  { name: 'a regular expression with quotes', source: `a = /['"\`]/g; b`, words: ['a', 'b'] },
  { name: 'a slash in a class', source: 'a.match(/[/]x/u); b', words: ['a', 'match', 'b'] },
  {
    name: 'a regular expression after return',
    source: 'return /b\\/c/.test(d)',
    words: ['return', 'test', 'd'],
  },
  {
    name: 'a division',
    source: "a = b / c; d = e / 2; f = (g) / h; i[0] / 'j'",
    words: 'abcdefghi'.split(''),
  },
  { name: 'private members', source: 'this.#a', words: ['this', '#a'] },
  { name: 'a first line for the shell', source: '#!/usr/bin/env node\na', words: ['a'] },
];

for (const { name, source, words: expected } of cases) {
  test(`${name} is told from code`, () => assert.deepEqual(words(source), expected));
}

test('a token knows its line, also after comments and templates over lines', () => {
  const found = tokens('a\n/*\n\n*/ b `c\n${d}\n` e');
  const lines = found.filter(({ kind }) => kind === 'word').map(({ text, line }) => [text, line]);
  assert.deepEqual(lines, [
    ['a', 1],
    ['b', 4],
    ['d', 5],
    ['e', 6],
  ]);
});

test('any text is split without end or error, and every word of it was there', () => {
  const alphabet = fc.constantFrom('a', "'", '"', '`', '${', '}', '{', '/', '*', '\\', '\n', ' ', '(', ')');
  fc.assert(
    fc.property(fc.array(alphabet), pieces => {
      const source = pieces.join('');
      for (const { text } of tokens(source)) assert.ok(source.includes(text));
    }),
  );
});

const importCases: readonly { name: string; source: string; from: string | undefined }[] = [
  { name: 'a default import', source: "import a from 'x';", from: 'x' },
  { name: 'named imports over lines', source: "import {\n  a,\n  type b,\n} from 'x';", from: 'x' },
  { name: 'an import for its effect', source: "import 'x';", from: 'x' },
  { name: 'a re-export', source: "export { a } from 'x';", from: 'x' },
  { name: 'a star re-export', source: "export * from 'x';", from: 'x' },
  { name: 'an import at run time', source: "const a = await import('x');", from: 'x' },
  { name: 'a require', source: "const a = require('x');", from: 'x' },
  { name: 'an import of a computed name', source: 'await import(name);', from: undefined },
];

for (const { name, source, from } of importCases) {
  test(`${name} is an import`, () => {
    const found = imports(tokens(source));
    assert.deepEqual([found.length, found[0]?.from, found[0]?.typeOnly], [1, from, false]);
  });
}

const notImports: readonly { name: string; source: string }[] = [
  { name: 'a comment', source: "// import 'x'" },
  { name: 'a string', source: `const a = "import b from 'x'";` },
  { name: 'a template', source: "const a = `import 'x'`;" },
  { name: 'a method called import', source: "a.import('x')" },
  { name: 'import.meta', source: 'import.meta.dirname' },
];

for (const { name, source } of notImports) {
  test(`${name} is no import`, () => assert.deepEqual(imports(tokens(source)), []));
}

test('an import tells the values it takes and whether it is of types only', () => {
  const found = imports(
    tokens("import { a, b as c, type D } from 'x';\nimport type { E } from 'y';\nimport f from 'z';"),
  );
  assert.deepEqual(found, [
    { from: 'x', line: 1, typeOnly: false, names: ['a', 'b', 'c'] },
    { from: 'y', line: 2, typeOnly: true, names: ['E'] },
    { from: 'z', line: 3, typeOnly: false, names: undefined },
  ]);
});

test('every source file of the project is read to its end', () => {
  for (const [path, source] of sourcesUnder('src')) {
    const found = tokens(source);
    const unclosed = found.find(({ kind, text }) => kind === 'sign' && /['"`\\]/.test(text));
    assert.equal(unclosed, undefined, `${path}:${unclosed?.line} has a stray ${unclosed?.text}`);
  }
});
