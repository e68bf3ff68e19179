import assert from 'node:assert/strict';
import test from 'node:test';
import type { Cached } from '#store';
import { cachedTable, damageLine, digestLines, freedLine } from './store-lines.ts';

const now = 10 * 86_400_000;

function cached(some: Partial<Cached>): Cached {
  return {
    digest: 'sha256:ab',
    root: '/c',
    bytes: 2048,
    files: 2,
    uris: ['s3://m/1'],
    usedAt: now,
    inUse: false,
    ...some,
  };
}

test('the cache is told as a table, with what is in use and since when it was not', () => {
  const all = [
    cached({ inUse: true }),
    cached({ digest: 'sha256:cdef', uris: [], usedAt: now - 3_600_000, files: 12 }),
    cached({ usedAt: 0 }),
    cached({ usedAt: now - 120_000, uris: ['hf://o/r@main', 's3://m/1'] }),
  ];
  assert.equal(
    cachedTable(all, now),
    `DIGEST       SIZE     FILES  USED         IN USE  URI
sha256:ab    2.0 KiB  2      just now     yes     s3://m/1
sha256:cdef  2.0 KiB  12     1 h ago      no
sha256:ab    2.0 KiB  2      10 days ago  no      s3://m/1
sha256:ab    2.0 KiB  2      2 min ago    no      hf://o/r@main, s3://m/1
`,
  );
  assert.equal(cachedTable([], now), 'DIGEST  SIZE  FILES  USED  IN USE  URI\n');
});

test('damage names the file, what was expected and what is there', () => {
  const file = { digest: 'sha256:ab', file: 'model.onnx', expected: 'sha256:1' };
  assert.equal(
    damageLine({ ...file, found: 'sha256:2' }),
    'sha256:ab: model.onnx has the digest sha256:2, and sha256:1 is expected',
  );
  assert.match(damageLine(file), /it is gone, and sha256:1 is expected$/);
  assert.equal(damageLine({ digest: 'sha256:ab' }), 'sha256:ab: it cannot be read');
});

test('digests come first, as sha256sum has them, and what was freed is counted', () => {
  assert.equal(digestLines([{ uri: 's3://m/1', digest: 'sha256:ab' }]), 'sha256:ab  s3://m/1\n');
  assert.equal(freedLine([cached({})]), 'freed 2.0 KiB: 1 model');
  assert.equal(freedLine([]), 'freed 0 B: 0 models');
});
