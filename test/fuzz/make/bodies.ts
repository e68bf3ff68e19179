/** Bodies of predictions, in the words of each protocol over HTTP. */
import type { ServedModel } from '../../../src/server/models/signature.ts';
import type { TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';
import { type Body, inferBody } from './infer-body.ts';
import { value } from './json.ts';
import { type Member, object } from './object.ts';
import { countOf, MOST_WRITTEN, shapeFor } from './shapes.ts';
import { tensorFor } from './tensor-text.ts';
import { words } from './words.ts';

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
  'v2.infer': inferBody,
};

function text(whole: string): Body {
  return { bytes: Buffer.from(whole) };
}

function extras(random: Random): Member[] {
  return random.chance(0.1) ? [['extra', value(random)]] : [];
}

function signature(random: Random): Member[] {
  if (random.chance(0.9)) return extras(random);
  return [['signature_name', random.pick(['"serving_default"', '""', '"other"', '1', 'null'])]];
}

/** A tensor by each input's name, or the only one bare. */
function columns({ signature: { inputs } }: ServedModel, random: Random): string {
  const count = random.below(4);
  const [only, second] = inputs;
  if (only !== undefined && second === undefined && random.chance(0.7))
    return tensorFor(only, shapeFor(only, count, random), random);
  const named = inputs.map(
    (spec): Member => [spec.name, tensorFor(spec, shapeFor(spec, count, random), random)],
  );
  return object([...named, ...extras(random)], random);
}

function rows({ signature: { inputs } }: ServedModel, random: Random): string {
  const [only, second] = inputs;
  const isBare = only !== undefined && second === undefined && random.chance(0.5);
  const row = (): string => {
    if (isBare) return tensorFor(only, shapeFor(only, 1, random).slice(1), random);
    return object(
      inputs.map((spec): Member => [spec.name, tensorFor(spec, shapeFor(spec, 1, random).slice(1), random)]),
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
    return [spec.name, tensorFor(spec, count === 1 && random.chance(0.5) ? [] : [count], random)];
  };
  const isShared = inputs.map(() => random.chance(0.3));
  const example = (): string =>
    object([...inputs.filter((_, at) => isShared[at] !== true).map(feature), ...extras(random)], random);
  const count = random.chance(0.05) ? random.size(500) : 1 + random.below(3);
  const list = `[${random.list(count, example).join(',')}]`;
  const context = object(inputs.filter((_, at) => isShared[at] === true).map(feature), random);
  return text(object([['context', context], ['examples', list], ...signature(random)], random));
}

export const BODY_WORDS: readonly Buffer[] = words(`
  "inputs" "instances" "outputs" "examples" "context" "signature_name" "id" "name" "datatype" "shape" "data"
  "parameters" "binary_data_size" "classification"`).map(word => Buffer.from(word));
