/** Bodies of OIP/V2's infer requests. */
import type { ServedModel } from '../../../src/server/models/signature.ts';
import type { TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';
import { string } from './json.ts';
import { type Member, object } from './object.ts';
import { rawTensor } from './raw.ts';
import { countOf, MOST_WRITTEN, NASTY_SIZES, shapeFor } from './shapes.ts';
import { tensorFor } from './tensor-text.ts';

export interface Body {
  readonly bytes: Buffer;
  /** The bytes of it that are JSON, where a header tells them. */
  readonly json?: string;
}

/** Tensors as JSON or as bytes behind it, or one tensor's bytes alone. */
export function inferBody(model: ServedModel, random: Random): Body {
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
      [...head, ['data', tensorFor(spec, random.chance(0.5) ? shape : [countOf(shape)], random)]],
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
