import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { apart, type Block, blockLine, readBlocks } from './journal.ts';

const block: fc.Arbitrary<Block> = fc
  .record({ start: fc.nat(1000), length: fc.integer({ min: 1, max: 300 }), crc: fc.nat(0xffffffff) })
  .map(({ start, length, crc }) => ({ start, end: start + length, crc }));

test('a journal tells what was written to it, also where its last line is torn', () => {
  fc.assert(
    fc.property(fc.array(block), fc.nat(20), (blocks, torn) => {
      const text = blocks.map(blockLine).join('');
      assert.deepEqual(readBlocks(text, undefined), blocks);
      const cutOff = text.slice(0, Math.max(0, text.length - torn));
      const read = readBlocks(cutOff, undefined);
      assert.deepEqual(read, blocks.slice(0, read.length));
      assert.deepEqual(readBlocks(`${cutOff}\n`, 0), [], 'a block lies beyond the end of the file');
    }),
  );
});

test('whatever lies in a journal, it is read', () => {
  fc.assert(fc.property(fc.string(), text => void readBlocks(text, 100)));
  assert.deepEqual(readBlocks('5 5 0\n9 3 0\nx\n1 2 3 4\n-1 2 0\n', undefined), []);
});

test('of blocks that overlap those are taken that do not', () => {
  fc.assert(
    fc.property(fc.array(block), blocks => {
      const taken = apart(blocks);
      assert.ok(taken.every(({ start }, at) => at === 0 || start >= (taken[at - 1]?.end ?? 0)));
      assert.equal(taken.length > 0, blocks.length > 0);
    }),
  );
});
