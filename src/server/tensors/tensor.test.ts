import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from './byte-strings.ts';
import { allocate, datatypes } from './tensor.ts';

test('tensors are zeroed, aligned, and share no byte with any other', () => {
  const wanted = fc.array(fc.tuple(fc.constantFrom(...datatypes), fc.integer({ min: 0, max: 600 })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(wanted, all => {
      const made = all.map(([datatype, count]) => allocate(datatype, count));
      for (const [index, data] of made.entries()) {
        assert.equal(data.length, all[index]?.[1]);
        if (data instanceof ByteStrings) continue;
        assert.equal(data.byteOffset % 16, 0);
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        assert(bytes.every(byte => byte === 0));
        bytes.fill(255);
      }
    }),
  );
});
