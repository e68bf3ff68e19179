/** Bodies of predictions, in the words of each protocol over HTTP. */
import type { ServedModel } from '../../../src/server/models/signature.ts';
import { elementSizes, PREFIX } from '../../../src/server/tensors/raw.ts';
import type { Datatype, TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';
import { string, value } from './json.ts';
import { countOf, MOST_WRITTEN, NASTY_SIZES, shapeFor, writable } from './shapes.ts';
import { tensorText } from './tensor-text.ts';
import { words } from './words.ts';

export interface Body {
  readonly bytes: Buffer;
  /** The bytes of it that are JSON, where a header tells them. */
  readonly json?: string;
}

/** Of the translators of HTTP, by name. */
export function bodyFor(translator: string, model: ServedModel, random: Random): Body {
  const make = makers[translator];
  if (make === undefined) throw new Error(`nothing makes bodies for '${translator}'`);
  return make(model, random);
}

const makers: Readonly<Record<string, (model: ServedModel, random: Random) => Body>> = {
  predict: (model, random) => text(object([['inputs', columns(model, random)], ...extras(random)], random)),
  'tfserving.predict': (model, random) => {
    const form = random.pick(['instances', 'inputs']);
    const content = form === 'inputs' ? columns(model, random) : rows(model, random);
    return text(object([[form, content], ...signature(random)], random));
  },
  'tfserving.classify': examples,
  'tfserving.regress': examples,
  'v2.infer': infer,
};

function text(whole: string): Body {
  return { bytes: Buffer.from(whole) };
}

type Member = readonly [name: string, value: string];

/** In any order, and now and then with one too many. */
function object(members: readonly Member[], random: Random): string {
  const all = random.chance(0.02) ? [...members, ...members.slice(0, 1)] : members;
  const sorted = random.chance(0.2) ? all.toReversed() : all;
  return `{${sorted.map(([name, content]) => `${JSON.stringify(name)}:${content}`).join(',')}}`;
}

function extras(random: Random): Member[] {
  return random.chance(0.1) ? [['extra', value(random)]] : [];
}

function signature(random: Random): Member[] {
  if (random.chance(0.9)) return extras(random);
  return [['signature_name', random.pick(['"serving_default"', '""', '"other"', '1', 'null'])]];
}

function tensor(spec: TensorSpec, shape: readonly number[], random: Random): string {
  return tensorText(random, spec.datatype, writable(shape));
}

/** A tensor by each input's name, or the only one bare. */
function columns({ signature: { inputs } }: ServedModel, random: Random): string {
  const count = random.below(4);
  const [only, second] = inputs;
  if (only !== undefined && second === undefined && random.chance(0.7))
    return tensor(only, shapeFor(only, count, random), random);
  const named = inputs.map(
    (spec): Member => [spec.name, tensor(spec, shapeFor(spec, count, random), random)],
  );
  return object([...named, ...extras(random)], random);
}

function rows({ signature: { inputs } }: ServedModel, random: Random): string {
  const [only, second] = inputs;
  const isBare = only !== undefined && second === undefined && random.chance(0.5);
  const row = (): string => {
    if (isBare) return tensor(only, shapeFor(only, 1, random).slice(1), random);
    return object(
      inputs.map((spec): Member => [spec.name, tensor(spec, shapeFor(spec, 1, random).slice(1), random)]),
      random,
    );
  };
  return `[${random.list(random.below(4), row).join(',')}]`;
}

/** Features stand in lists that are flat; what all examples share stands in the context. */
function examples({ signature: { inputs } }: ServedModel, random: Random): Body {
  const width = random.chance(0.05) ? random.size(500) : 3;
  const feature = (spec: TensorSpec): Member => {
    const shape = shapeFor(spec, 1, random).slice(1);
    const count = spec.shape.includes(-1, 1) ? width : Math.min(MOST_WRITTEN, countOf(shape));
    return [spec.name, tensor(spec, count === 1 && random.chance(0.5) ? [] : [count], random)];
  };
  const isShared = inputs.map(() => random.chance(0.3));
  const example = (): string =>
    object([...inputs.filter((_, at) => isShared[at] !== true).map(feature), ...extras(random)], random);
  const count = random.chance(0.05) ? random.size(500) : 1 + random.below(3);
  const list = `[${random.list(count, example).join(',')}]`;
  const context = object(inputs.filter((_, at) => isShared[at] === true).map(feature), random);
  return text(object([['context', context], ['examples', list], ...signature(random)], random));
}

/** Tensors as JSON or as bytes behind it, or one tensor's bytes alone. */
function infer(model: ServedModel, random: Random): Body {
  const [only] = model.signature.inputs;
  if (only !== undefined && random.chance(0.1))
    return { bytes: rawTensor(only.datatype, 3, random), json: '0' };
  const count = random.below(4);
  const sections: Buffer[] = [];
  const inputs = model.signature.inputs.map(spec => inferInput(spec, count, { random, sections }));
  const outputs = model.signature.outputs.map(({ name }) =>
    object([['name', JSON.stringify(name)], ...parameters(random)], random),
  );
  const members: Member[] = [['inputs', `[${inputs.join(',')}]`]];
  if (random.chance(0.5)) members.push(['outputs', `[${outputs.slice(0, random.below(3)).join(',')}]`]);
  if (random.chance(0.5)) members.push(['id', string(random)]);
  const json = Buffer.from(object([...members, ...parameters(random)], random));
  if (sections.length === 0 && random.chance(0.9)) return { bytes: json };
  const told = random.chance(0.95) ? json.length : random.below(json.length + 20);
  return { bytes: Buffer.concat([json, ...sections]), json: String(told) };
}

function inferInput(
  spec: TensorSpec,
  count: number,
  { random, sections }: { readonly random: Random; readonly sections: Buffer[] },
): string {
  const shape = shapeFor(spec, count, random);
  const datatype = random.chance(0.98) ? spec.datatype : random.pick(['INT32', 'BYTES', 'BF16', 'FP16']);
  const head: Member[] = [
    ['name', JSON.stringify(spec.name)],
    ['datatype', JSON.stringify(datatype)],
    ['shape', `[${shape.join(',')}]`],
  ];
  if (random.chance(0.5))
    return object(
      [...head, ['data', tensor(spec, random.chance(0.5) ? shape : [countOf(shape)], random)]],
      random,
    );
  const bytes = rawTensor(spec.datatype, Math.min(MOST_WRITTEN, countOf(shape)), random);
  sections.push(bytes);
  const size = random.chance(0.97) ? bytes.length : random.pick(NASTY_SIZES);
  return object([...head, ['parameters', `{"binary_data_size":${size}}`]], random);
}

function parameters(random: Random): Member[] {
  if (random.chance(0.6)) return [];
  const name = random.pick([
    'binary_data',
    'binary_data_output',
    'classification',
    'triton_x',
    'headers',
    'a',
    'shared_memory_region',
  ]);
  const scalar = random.pick([
    'true',
    'false',
    '1',
    '2',
    '0',
    '-1',
    '1e99',
    '1.5',
    '"a"',
    'null',
    '{}',
    'NaN',
    '9007199254740992',
  ]);
  return [['parameters', object([[name, scalar]], random)]];
}

/** The bytes of so many elements. */
export function rawTensor(datatype: Datatype, count: number, random: Random): Buffer {
  if (datatype !== 'BYTES') {
    const bytes = random.bytes(count * elementSizes[datatype]);
    return datatype === 'BOOL' ? (bytes.map(byte => byte & 1) as Buffer) : bytes;
  }
  return Buffer.concat(
    random.list(count, () => {
      const element = random.chance(0.7) ? Buffer.from('text') : random.bytes(random.size(20));
      const prefix = Buffer.alloc(PREFIX);
      prefix.writeUInt32LE(random.chance(0.99) ? element.length : random.pick([2 ** 32 - 1, 2 ** 31, 5]));
      return Buffer.concat([prefix, element]);
    }),
  );
}

export const BODY_WORDS: readonly Buffer[] = words(`
  "inputs" "instances" "outputs" "examples" "context" "signature_name" "id" "name" "datatype" "shape" "data"
  "parameters" "binary_data_size" "classification"`).map(word => Buffer.from(word));
