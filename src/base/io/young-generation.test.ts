import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';

const MODULE = new URL('young-generation.ts', import.meta.url).href;

/** In a process of its own: lives as a server does, with much that dies young, and tells how large the young generation became. MiB. */
const LIFE = `
  const [, enough] = process.argv;
  const { boundYoungGeneration } = await import(${JSON.stringify(MODULE)});
  if (enough === 'usual') boundYoungGeneration();
  else if (enough !== 'free') boundYoungGeneration(Number(enough));
  const { getHeapSpaceStatistics } = await import('node:v8');
  const alive = [];
  for (let turn = 0; turn < 30; turn++) {
    for (let each = 0; each < 2000; each++) alive[(turn * 2000 + each) % 20000] = Array.from({ length: 50 }, () => ({ each }));
    await new Promise(resolve => setImmediate(resolve));
  }
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  console.log(young.space_size / 2 ** 20);
`;

async function youngAfterLife(enough: 'usual' | 'free' | number): Promise<number> {
  const args = ['--conditions=source', '--input-type=module', '--eval', LIFE, String(enough)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

test('the young generation of a process that bounds it stays below what it would grow to', async () => {
  const [small, bounded, free] = await Promise.all(([0, 'usual', 'free'] as const).map(youngAfterLife));
  assert.ok(small !== undefined && bounded !== undefined && free !== undefined);
  assert.ok(small < bounded, `it has ${small} MiB, and ${bounded} where it may grow to the usual bound`);
  assert.ok(bounded <= 32, `it has ${bounded} MiB`);
  assert.ok(free > bounded, `it has ${free} MiB when nobody bounds it: this shows nothing`);
});
