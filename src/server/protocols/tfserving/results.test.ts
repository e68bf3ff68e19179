import assert from 'node:assert/strict';
import test from 'node:test';
import { asAppError } from '#base';
import type { ServedModel } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { toHalf } from '../../tensors/half.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { type Asked, ask, textOf, valuesOf } from '../fixtures/ask.ts';
import { tfserving } from './routes.ts';

const floats = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape });
const strings = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'BYTES', shape });

function model(inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): ServedModel {
  return { name: 'm', version: '1', platform: 'test', signature: { inputs, outputs, batched: true } };
}

type Verb = 'classify' | 'regress';

function decode(verb: Verb, body: string, served: ServedModel): Asked {
  return ask(tfserving, `/v1/models/m:${verb}`, { body, model: served });
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (thrown: unknown) {
    const reply = tfserving.error(asAppError(thrown));
    assert.equal(reply.status, 400);
    return (JSON.parse(textOf(reply)) as { error: string }).error;
  }
  return assert.fail('it was not refused');
}

const x = floats('x', -1);
const rows = '{"examples": [{"x": 1}, {"x": 2}]}';
const matrix = (...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape: [2, values.length / 2],
  data: Float32Array.from(values),
});
const texts = (...values: string[]): Tensor => ({
  datatype: 'BYTES',
  shape: [2, values.length / 2],
  data: ByteStrings.of(values),
});

const classified: readonly {
  name: string;
  outputs: readonly TensorSpec[];
  answer: readonly Tensor[];
  results: string;
}[] = [
  {
    name: 'classes and scores, whatever else there is',
    outputs: [floats('other', -1, 2), floats('scores', -1, 2), strings('classes', -1, 2)],
    answer: [matrix(9, 9, 9, 9), matrix(1, 2, 3, 4), texts('a', 'b', 'b', 'a')],
    results: '[[["a",1.0],["b",2.0]],[["b",3.0],["a",4.0]]]',
  },
  {
    name: 'classes alone, with no score',
    outputs: [strings('classes', -1, 1)],
    answer: [texts('a', 'b')],
    results: '[[["a",0.0]],[["b",0.0]]]',
  },
  {
    name: 'scores alone, by their index',
    outputs: [floats('scores', -1, -1)],
    answer: [matrix(0.1, 0.9, Number.NaN, Number.NEGATIVE_INFINITY)],
    results: '[[["0",0.1],["1",0.9]],[["0",NaN],["1",-Infinity]]]',
  },
  {
    name: 'the only float output, by its labels as far as they go',
    outputs: [{ ...floats('y', -1, 2), labels: ['ant'] }],
    answer: [matrix(1, 2, 3, 4)],
    results: '[[["ant",1.0],["1",2.0]],[["ant",3.0],["1",4.0]]]',
  },
  {
    name: "scikit-learn's probabilities, beside its label",
    outputs: [{ name: 'output_label', datatype: 'INT64', shape: [-1] }, floats('output_probability', -1, 2)],
    answer: [{ datatype: 'INT64', shape: [2], data: BigInt64Array.of(1n, 0n) }, matrix(0.25, 0.75, 0.5, 0.5)],
    results: '[[["0",0.25],["1",0.75]],[["0",0.5],["1",0.5]]]',
  },
  {
    name: 'halves and doubles',
    outputs: [{ name: 'scores', datatype: 'FP16', shape: [-1, 1] }],
    answer: [{ datatype: 'FP16', shape: [2, 1], data: Uint16Array.of(toHalf(0.5), toHalf(-2)) }],
    results: '[[["0",0.5]],[["0",-2.0]]]',
  },
];
for (const { name, outputs, answer, results } of classified) {
  test(`classifies by ${name}`, () => {
    const asked = decode('classify', rows, model([x], outputs));
    assert.equal(textOf(asked.answer(answer)), `{"results":${results}}`);
  });
}

const column = (...shape: number[]): Tensor => ({ datatype: 'FP32', shape, data: Float32Array.of(2.5, 3) });
const regressed: readonly { name: string; outputs: readonly TensorSpec[]; answer: readonly Tensor[] }[] = [
  { name: 'a vector', outputs: [floats('y', -1)], answer: [column(2)] },
  { name: 'a column', outputs: [floats('y', -1, 1)], answer: [column(2, 1)] },
  {
    name: 'a tensor without a rank',
    outputs: [{ ...floats('y', -1), unknownRank: true }],
    answer: [column(2)],
  },
  {
    name: 'the output outputs, whatever else there is',
    outputs: [floats('other', -1), floats('outputs', -1, -1)],
    answer: [column(2, 1), column(2, 1)],
  },
  {
    name: 'the only float output',
    outputs: [strings('note', -1), floats('y', -1)],
    answer: [texts('a', 'b'), column(2)],
  },
];
for (const { name, outputs, answer } of regressed) {
  test(`regresses by ${name}`, () => {
    const asked = decode('regress', rows, model([x], outputs));
    assert.equal(textOf(asked.answer(answer)), '{"results":[2.5,3.0]}');
  });
}

const unsuited: readonly { name: string; verb: Verb; outputs: readonly TensorSpec[]; says: RegExp }[] = [
  {
    name: 'two float outputs',
    verb: 'classify',
    outputs: [floats('y', -1, 2), floats('z', -1, 2)],
    says: /^Expected classification signature: .* are: y FP32 \[-1,2\], z FP32 \[-1,2\]$/,
  },
  {
    name: 'a vector',
    verb: 'classify',
    outputs: [floats('y', -1)],
    says: /Expected classification signature/,
  },
  {
    name: 'scores that are no floats',
    verb: 'classify',
    outputs: [strings('scores', -1, 2), floats('y', -1, 2)],
    says: /Expected classification signature/,
  },
  {
    name: 'a matrix',
    verb: 'regress',
    outputs: [floats('y', -1, 16)],
    says: /^Expected regression signature: .* are: y FP32 \[-1,16\]$/,
  },
  {
    name: 'outputs that are no floats',
    verb: 'regress',
    outputs: [strings('outputs', -1), floats('y', -1)],
    says: /Expected regression signature/,
  },
  {
    name: 'two outputs without a rank',
    verb: 'regress',
    outputs: [
      { ...floats('y', -1), unknownRank: true },
      { ...floats('z', -1), unknownRank: true },
    ],
    says: /are: y FP32, z FP32$/,
  },
];
for (const { name, verb, outputs, says } of unsuited) {
  test(`says what a model with ${name} has instead of what :${verb} needs`, () => {
    assert.match(
      refusal(() => decode(verb, rows, model([x], outputs))),
      says,
    );
  });
}

const wrongAnswers: readonly { name: string; verb: Verb; output: Tensor }[] = [
  { name: 'another number of rows', verb: 'classify', output: { ...matrix(1, 2, 3, 4), shape: [1, 4] } },
  { name: 'another number of rows', verb: 'regress', output: column(1, 2) },
  { name: 'another rank', verb: 'classify', output: column(2) },
  { name: 'another rank', verb: 'regress', output: column(2, 1, 1) },
];
for (const { name, verb, output } of wrongAnswers) {
  test(`an output of ${name} than the model promised is no answer to :${verb}`, () => {
    const asked = decode(verb, rows, model([x], [{ ...floats('y', -1), unknownRank: true }]));
    assert.match(
      refusal(() => asked.answer([output])),
      /Expected .*[Ss]hape.*but got \[/,
    );
  });
}

const shaped: readonly { name: string; input: TensorSpec; examples: string; shape: number[] }[] = [
  { name: 'a scalar for a vector', input: floats('x', -1), examples: '[{"x": 1}, {"x": 2}]', shape: [2] },
  {
    name: 'a list of one for a vector',
    input: floats('x', -1),
    examples: '[{"x": [1]}, {"x": 2}]',
    shape: [2],
  },
  { name: 'a scalar for a column', input: floats('x', -1, 1), examples: '[{"x": 1}]', shape: [1, 1] },
  { name: 'a list for a row', input: floats('x', -1, 2), examples: '[{"x": [1, 2]}]', shape: [1, 2] },
  {
    name: 'a flat list for a matrix',
    input: floats('x', -1, 2, 2),
    examples: '[{"x": [1,2,3,4]}]',
    shape: [1, 2, 2],
  },
  {
    name: 'a list for a free size',
    input: floats('x', -1, 2, -1),
    examples: '[{"x": [1,2,3,4,5,6]}]',
    shape: [1, 2, 3],
  },
  {
    name: 'a scalar where there is no rank',
    input: { ...floats('x', -1), unknownRank: true },
    examples: '[{"x": 1}, {"x": 2}]',
    shape: [2],
  },
  {
    name: 'a list where there is no rank',
    input: { ...floats('x', -1), unknownRank: true },
    examples: '[{"x": [1, 2]}]',
    shape: [1, 2],
  },
];
for (const { name, input, examples, shape } of shaped) {
  test(`a feature may be ${name}`, () => {
    const { request } = decode('regress', `{"examples": ${examples}}`, model([input], [floats('y', -1)]));
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: count }, (_, index) => index + 1);
    assert.deepEqual(request.inputs, [{ datatype: 'FP32', shape, data }]);
  });
}

test('the context gives each example what it has not itself, wherever it stands', () => {
  const served = model([x, strings('s', -1)], [floats('y', -1)]);
  const body =
    '{"examples": [{"x": 1}, {"x": 2, "s": "own"}, {"s": {"b64": "ag=="}}], "context": {"s": "shared", "x": 9, "z": 0}}';
  const { request } = decode('regress', body, served);
  assert.deepEqual(request.inputs.map(valuesOf), [
    { datatype: 'FP32', shape: [3], data: Float32Array.of(1, 2, 9) },
    { datatype: 'BYTES', shape: [3], data: ['shared', 'own', 'j'] },
  ]);
});

const many = (count: number, text: string): string => Array.from({ length: count }, () => text).join(',');
const fat: readonly { name: string; input: TensorSpec; context: string }[] = [
  { name: 'a long list', input: floats('x', -1, -1), context: `[${many(1000, '0')}]` },
  { name: 'a long string', input: strings('x', -1), context: `"${'a'.repeat(1000)}"` },
  { name: 'many strings', input: strings('x', -1, -1), context: `[${many(500, '""')}]` },
];
for (const { name, input, context } of fat) {
  test(`the context cannot give ${name} to any number of examples`, () => {
    const body = `{"examples": [${many(5000, '{}')}], "context": {"x": ${context}}}`;
    assert.match(
      refusal(() => decode('regress', body, model([input], [floats('y', -1)]))),
      /more than 262144 bytes must be written out/,
    );
  });
}

test('features that are no input are passed over', () => {
  const body = '{"signature_name": "", "examples": [{"id": "k", "x": 1, "list": [[1], {}]}]}';
  const { request } = decode('regress', body, model([x], [floats('y', -1)]));
  assert.deepEqual(request.inputs[0]?.data, Float32Array.of(1));
});

const wrong: readonly { name: string; body: string; inputs?: readonly TensorSpec[]; says: RegExp }[] = [
  { name: 'no examples', body: '{}', says: /key 'examples' is expected and was not found/ },
  { name: 'an empty list', body: '{"examples": []}', says: /empty array/ },
  { name: 'examples that are no list', body: '{"examples": {}}', says: /list\/array/ },
  {
    name: 'an example that is no object',
    body: '{"examples": [{"x": 1}, 5]}',
    says: /JSON object but got 5/,
  },
  {
    name: 'a context that is no object',
    body: '{"examples": [{"x": 1}], "context": []}',
    says: /but got \[\]/,
  },
  { name: 'a body that is no object', body: '[]', says: /must be a JSON object/ },
  {
    name: 'another signature',
    body: '{"signature_name": "nope", "examples": [{"x": 1}]}',
    says: /"nope" not found/,
  },
  { name: 'a feature missing', body: '{"examples": [{"x": 1}, {}]}', says: /Feature: x is required/ },
  { name: 'a list of lists', body: '{"examples": [{"x": [[1]]}]}', says: /unexpected JSON type: Array/ },
  { name: 'null', body: '{"examples": [{"x": null}]}', says: /not of expected type: float/ },
  { name: 'a string for a float', body: '{"examples": [{"x": "1"}]}', says: /not of expected type: float/ },
  { name: 'a list for a vector', body: '{"examples": [{"x": [1, 2]}]}', says: /has 2 values, .* shape \[\]/ },
  {
    name: 'rows of different lengths',
    body: '{"examples": [{"x": [1, 2]}, {"x": [1]}]}',
    inputs: [floats('x', -1, -1)],
    says: /has 1 values in example 1, and 2 in the first/,
  },
  {
    name: 'values that do not fill the shape',
    body: '{"examples": [{"x": [1, 2, 3]}]}',
    inputs: [floats('x', -1, 2, -1)],
    says: /has 3 values, .* shape \[2,-1\]/,
  },
  {
    name: 'a shape that a flat list does not tell',
    body: '{"examples": [{"x": [1, 2]}]}',
    inputs: [floats('x', -1, -1, -1)],
    says: /shape \[-1,-1\] of an example does not take/,
  },
];
for (const { name, body, inputs = [x], says } of wrong) {
  test(`refuses ${name}`, () => {
    assert.match(
      refusal(() => decode('regress', body, model(inputs, [floats('y', -1)]))),
      says,
    );
  });
}
