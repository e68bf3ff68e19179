import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';

const MODULE = new URL('young-generation.ts', import.meta.url).href;

/** In a process of its own: lives as a server does, with much that dies young, and tells how large the young generation became. MiB. */
const LIFE = `
  const [, isBounded] = process.argv;
  if (isBounded === 'true') (await import(${JSON.stringify(MODULE)})).boundYoungGeneration();
  const { getHeapSpaceStatistics } = await import('node:v8');
  const alive = [];
  for (let turn = 0; turn < 30; turn++) {
    for (let each = 0; each < 2000; each++) alive[(turn * 2000 + each) % 20000] = Array.from({ length: 50 }, () => ({ each }));
    await new Promise(resolve => setImmediate(resolve));
  }
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  console.log(young.space_size / 2 ** 20);
`;

async function youngAfterLife(isBounded: boolean): Promise<number> {
  const args = ['--conditions=source', '--input-type=module', '--eval', LIFE, String(isBounded)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}

test('the young generation of a process that bounds it stays below what it would grow to', async () => {
  const [bounded, free] = await Promise.all([youngAfterLife(true), youngAfterLife(false)]);
  assert.ok(bounded <= 32, `it has ${bounded} MiB`);
  assert.ok(free > bounded, `it has ${free} MiB when nobody bounds it: this shows nothing`);
});
