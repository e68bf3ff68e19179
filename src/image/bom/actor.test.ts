import assert from 'node:assert/strict';
import test from 'node:test';
import { actorOf } from './actor.ts';

const cases: readonly (readonly [string | undefined, string | undefined])[] = [
  ['Mark Brown <broonie@debian.org>', 'Person: Mark Brown (broonie@debian.org)'],
  ['Debian GCC Maintainers <gcc@x.org>', 'Organization: Debian GCC Maintainers (gcc@x.org)'],
  ['Dpkg <debian-dpkg@lists.debian.org>', 'Organization: Dpkg (debian-dpkg@lists.debian.org)'],
  ['GitHub Inc.', 'Organization: GitHub Inc.'],
  ['Ada (the first)  Lovelace', 'Person: Ada the first Lovelace'],
  ['<a@b.org>', 'Person: a@b.org'],
  ['a\nb', 'Person: a b'],
  ['\ud800', 'Person: \ufffd'],
  [' () ', undefined],
  ['', undefined],
  [undefined, undefined],
];

for (const [text, actor] of cases)
  test(`${JSON.stringify(text)} is ${actor ?? 'nobody'}`, () => {
    assert.equal(actorOf(text), actor);
  });
