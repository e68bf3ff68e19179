import assert from 'node:assert/strict';
import test from 'node:test';
import type { TensorSpec } from '../tensors/tensor.ts';
import { labelled, parseLabels } from './labels.ts';

const read = (text: string | Buffer) => parseLabels(Buffer.from(text));

for (const { name, text, labels } of [
  { name: 'lines', text: 'ant\nbee\n', labels: ['ant', 'bee'] },
  { name: 'lines of Windows', text: 'ant\r\nbee\r\n', labels: ['ant', 'bee'] },
  { name: 'a last line that is not ended', text: 'ant\nbee', labels: ['ant', 'bee'] },
  { name: 'blanks within', text: ' great auk \n', labels: [' great auk '] },
  { name: 'a byte order mark', text: '\ufeffant\n', labels: ['ant'] },
  { name: 'nothing', text: '', labels: [] },
]) {
  test(`labels are read from ${name}`, () => {
    assert.deepEqual(read(text), { ok: true, value: labels });
  });
}

for (const { name, text, says } of [
  { name: 'an empty line', text: 'ant\n\nbee\n', says: 'its line 2 is empty' },
  { name: 'bytes that are no text', text: Buffer.from([0xff, 0xfe]), says: 'it is not UTF-8 text' },
  { name: 'too many lines', text: 'a\n'.repeat(100_001), says: 'it has more than 100000 lines' },
]) {
  test(`${name} are no labels, and the reason is told`, () => {
    assert.deepEqual(read(text), { ok: false, error: says });
  });
}

test('outputs whose last dimension is as long get the labels, others do not', () => {
  const output = (shape: readonly number[]): TensorSpec => ({ name: 'y', datatype: 'FP32', shape });
  const outputs = [output([-1, 2]), output([-1, 3]), output([2, -1]), output([])];
  assert.deepEqual(
    labelled(outputs, { beside: ['ant', 'bee'], named: new Map() }).map(({ labels }) => labels),
    [['ant', 'bee'], undefined, undefined, undefined],
  );
});

test('an output that has labels of its own has those', () => {
  const outputs: TensorSpec[] = ['y', 'z'].map(name => ({ name, datatype: 'FP32', shape: [-1, 2] }));
  const named = new Map([['z', ['cat', 'dog']]]);
  assert.deepEqual(
    labelled(outputs, { beside: ['ant', 'bee'], named }).map(({ labels }) => labels),
    [
      ['ant', 'bee'],
      ['cat', 'dog'],
    ],
  );
});
