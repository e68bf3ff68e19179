/** Whole outputs, kept: nobody changes by accident what clusters are told, and who changes it says so to those who upgrade. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { golden, goldenFiles, hashOf, renderedChanges } from '../scripts/generate-golden.ts';
import { root } from './source.ts';

const REFRESH =
  'what is rendered has changed: run `npm run golden`, look at the difference, and say it in CHANGELOG.md';
const files = golden();

for (const [path, text] of files) {
  test(`${path} is what is rendered`, () => {
    assert.ok(goldenFiles(root).includes(path), `${path} is missing: ${REFRESH}`);
    assert.equal(readFileSync(join(root, path), 'utf8'), text, REFRESH);
  });
}

test('there is no golden file that nothing renders', () => {
  assert.deepEqual(goldenFiles(root), [...files.keys()].toSorted(), REFRESH);
});

test('the changelog says what changed in rendered objects, by the hash of the golden files', () => {
  const said = renderedChanges(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
  const hash = hashOf(files);
  assert.ok(
    said.includes(`\`${hash}\``),
    `the newest "### Rendered objects" of CHANGELOG.md has to say what changed, and to name \`${hash}\``,
  );
});

test('another text, another path or another split of both is another hash', () => {
  const one = hashOf(new Map([['a', 'b']]));
  const others = [new Map([['a', 'c']]), new Map([['c', 'b']]), new Map([['ab', '']]), new Map([['', 'ab']])];
  assert.equal(new Set([one, ...others.map(hashOf)]).size, 5);
});

test('only the newest word on rendered objects counts', () => {
  const text =
    '## Unreleased\n### Added\na\n### Rendered objects\nb\n### Fixed\nc\n## 0.1.0\n### Rendered objects\nd\n';
  assert.equal(renderedChanges(text), '\nb\n');
  assert.equal(renderedChanges('## Unreleased\n'), '');
});
