import assert from 'node:assert/strict';
import test from 'node:test';
import { comment, execForm, lineProblem, quoted, word } from './words.ts';

const texts: readonly { name: string; text: string; written: string }[] = [
  { name: 'plain text', text: 'a b', written: '"a b"' },
  { name: 'nothing', text: '', written: '""' },
  { name: 'a variable', text: '$HOME/${x}', written: String.raw`"\$HOME/\${x}"` },
  { name: 'a quote', text: `a"b'c`, written: String.raw`"a\"b'c"` },
  { name: 'a backslash at the end', text: 'a\\', written: String.raw`"a\\"` },
  { name: 'what begins a comment', text: '# a', written: '"# a"' },
];

for (const { name, text, written } of texts) {
  test(`between double quotes, ${name} means itself`, () => assert.equal(quoted(text), written));
}

test('a plain word needs no quotes, and one that a flag or a comment could begin with has them', () => {
  assert.deepEqual(['65532:65532', 'org.x/y-z', '--x', '#', 'a b', ''].map(word), [
    '65532:65532',
    'org.x/y-z',
    '"--x"',
    '"#"',
    '"a b"',
    '""',
  ]);
});

test('an argument is JSON, in which nothing is expanded', () => {
  assert.equal(execForm(['sh', '-c', 'exec "$A" \\\n']), String.raw`["sh", "-c", "exec \"$A\" \\\n"]`);
});

test('a comment stays on its line', () => {
  assert.equal(comment('a\nFROM b\u2028\t '), '# a FROM b');
});

test('a line break is said to be unsayable, and nothing else', () => {
  for (const text of ['a\nb', 'a\r', '\0']) assert.match(lineProblem(text) ?? '', /^has a line break/);
  assert.equal(lineProblem('\t"$\\ é\u2028'), undefined);
});
