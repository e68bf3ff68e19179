import assert from 'node:assert/strict';
import test from 'node:test';
import { paxOf, type TarEntry, tarOf } from '../../fixtures/tar.ts';
import { placeOf } from '../../fixtures/unpacking.ts';

const TAR = { format: 'tar' } as const;
const file: TarEntry = { name: 'a', body: 'x' };

const bombs: readonly { name: string; archive: Uint8Array; limits: object; problem: RegExp }[] = [
  {
    name: 'a size that is declared',
    archive: tarOf({ name: 'a', size: 2 ** 33 - 1 }),
    limits: { bytes: 2 ** 20 },
    problem: /over 1048576 bytes/,
  },
  {
    name: 'sizes together',
    archive: tarOf({ name: 'a', body: 'x'.repeat(600) }, { name: 'b', body: 'x'.repeat(600) }),
    limits: { bytes: 1000 },
    problem: /'b' takes the archive over 1000 bytes/,
  },
  {
    name: 'a ratio',
    archive: tarOf({ name: 'a', size: 2 ** 30 }),
    limits: { ratio: 2 },
    problem: /over 2 times its own size/,
  },
  {
    name: 'entries',
    archive: tarOf(...Array.from({ length: 11 }, (_, index) => ({ name: `${index}/`, type: '5' }))),
    limits: { files: 10 },
    problem: /more than 10 entries/,
  },
  {
    name: 'headers of nothing',
    archive: tarOf(...Array.from({ length: 11 }, () => paxOf({ comment: 'x' }))),
    limits: { files: 10 },
    problem: /more than 10 entries/,
  },
  {
    name: 'one entry again and again',
    archive: tarOf(...Array.from({ length: 11 }, () => file)),
    limits: { files: 10 },
    problem: /more than 10 entries/,
  },
  {
    name: 'hard links to one file',
    archive: tarOf(
      { name: 'a', body: 'x'.repeat(400) },
      { name: 'b', type: '1', target: 'a' },
      { name: 'c', type: '1', target: 'a' },
    ),
    limits: { bytes: 1000 },
    problem: /'c' takes/,
  },
  {
    name: 'links to one file',
    archive: tarOf(
      { name: 'a', body: 'x'.repeat(400) },
      { name: 'b', type: '2', target: 'a' },
      { name: 'c', type: '2', target: 'a' },
    ),
    limits: { bytes: 1000 },
    problem: /'c' takes/,
  },
  {
    name: 'folders of links to folders of links',
    archive: tarOf(file, ...doubling(12)),
    limits: { files: 2000 },
    problem: /more than 2000 entries/,
  },
];

/** Each folder links twice to the one before: 2^n files out of 2n links. */
function doubling(levels: number): TarEntry[] {
  const first = { name: 'f0/a', body: 'x' };
  const links = Array.from({ length: levels }, (_, level) =>
    ['a', 'b'].map(name => ({ name: `f${level + 1}/${name}`, type: '2', target: `../f${level}` })),
  );
  return [first, ...links.flat()];
}

for (const { name, archive, limits, problem } of bombs) {
  test(`a bomb is refused: ${name}`, async t => {
    const place = await placeOf(t);
    await assert.rejects(place.unpack(archive, TAR, limits), { code: 'archive_invalid', message: problem });
    await place.contents();
  });
}
