import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteStrings } from '../tensors/byte-strings.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { type NamedTensor, type ServedModel, toRequest } from './signature.ts';

function model(names: Readonly<Record<string, readonly string[]>>, batched = false): ServedModel {
  const inputs = Object.entries(names).map(([name, sizeNames]) => ({
    name,
    datatype: 'FP32' as const,
    shape: sizeNames.map(() => -1),
    sizeNames,
  }));
  return { name: 'm', version: '1', platform: 'test', signature: { inputs, outputs: [], batched } };
}

function given(shapes: Readonly<Record<string, readonly number[]>>): NamedTensor[] {
  const tensor = (shape: readonly number[]): Tensor => ({
    datatype: 'FP32',
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  });
  return Object.entries(shapes).map(([name, shape]) => ({ name, tensor: tensor(shape), at: [name] }));
}

const refused: readonly {
  name: string;
  sizes: Readonly<Record<string, readonly string[]>>;
  shapes: Readonly<Record<string, readonly number[]>>;
  batched?: boolean;
  says: string;
}[] = [
  {
    name: 'of two inputs',
    sizes: { a: ['N', 's'], b: ['N', 's'] },
    shapes: { a: [1, 2], b: [1, 3] },
    batched: true,
    says: "the size 's' of model 'm' is 2 in input 'a' and 3 in input 'b'",
  },
  {
    name: 'of one input',
    sizes: { a: ['n', 'n'] },
    shapes: { a: [2, 3] },
    says: "the size 'n' of model 'm' is 2 in input 'a' and 3 in input 'a'",
  },
  {
    name: 'that would be rows if the model had any',
    sizes: { a: ['N'], b: ['N'] },
    shapes: { a: [2], b: [3] },
    says: "the size 'N' of model 'm' is 2 in input 'a' and 3 in input 'b'",
  },
];
for (const { name, sizes, shapes, batched, says } of refused) {
  test(`sizes of one name ${name} must be equal`, () => {
    assert.throws(() => toRequest(model(sizes, batched), given(shapes), []), {
      code: 'input_invalid',
      message: says,
    });
  });
}

test('an input of unknown rank takes any shape', () => {
  const spec = { name: 'a', datatype: 'FP32', shape: [-1], unknownRank: true } as const;
  const { signature, ...rest } = model({});
  const any = { ...rest, signature: { ...signature, inputs: [spec] } };
  for (const shape of [[], [3], [2, 3]])
    assert.deepEqual(toRequest(any, given({ a: shape }), []).inputs[0]?.shape, shape);
});

test('sizes of other names, or of none, may differ', () => {
  const sizes = { a: ['N', 's', '', ''], b: ['N', 't', '', ''] };
  const request = toRequest(model(sizes, true), given({ a: [2, 3, 4, 5], b: [2, 6, 7, 8] }), []);
  assert.equal(request.rows, 2);
});

const NOTHING = { datatype: 'FP32', data: new Float32Array(0) } as const;
const nothing = (...shape: number[]): NamedTensor[] => [
  { name: 'a', tensor: { ...NOTHING, shape }, at: ['a'] },
];

for (const shape of [[0], [65_536, 0], [0, 256, 256], [3, 0, 0]]) {
  test(`a tensor of [${String(shape)}] has no elements, and is taken`, () => {
    const sizes = { a: shape.map(() => '') };
    assert.deepEqual(toRequest(model(sizes, true), nothing(...shape), []).inputs[0]?.shape, shape);
  });
}

for (const shape of [
  [65_537, 0],
  [0, 256, 257],
  [2 ** 53 - 1, 0],
  Array.from({ length: 30 }, () => 2 ** 53 - 1).concat(0),
]) {
  test(`a tensor of [${String(shape).slice(0, 40)}…] has no elements, and too many places for them`, () => {
    const sizes = { a: shape.map(() => '') };
    assert.throws(() => toRequest(model(sizes, true), nothing(...shape), []), {
      code: 'input_invalid',
      message:
        /^the shape \[.*\] of input 'a' for model 'm' has no elements, and more than 65536 places for them$/,
    });
  });
}

test('a million strings are taken, and no more: each becomes a string of its own', () => {
  const inputs = [{ name: 'a', datatype: 'BYTES' as const, shape: [-1] }];
  const strings: ServedModel = { ...model({}), signature: { inputs, outputs: [], batched: true } };
  const ask = (count: number): number => {
    const tensor: Tensor = { datatype: 'BYTES', shape: [count], data: ByteStrings.empty(count) };
    return toRequest(strings, [{ name: 'a', tensor, at: ['a'] }], []).rows;
  };
  assert.equal(ask(1_000_000), 1_000_000);
  assert.throws(() => ask(1_000_001), {
    code: 'input_invalid',
    message: /^input 'a' for model 'm' has 1000001 strings, more than 1000000$/,
  });
});
