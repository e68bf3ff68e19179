/** TensorFlow's examples as messages, most of which a model can take. */
import type { ServedModel } from '../../../src/server/models/signature.ts';
import type { Encodable } from '../../../src/server/protobuf/schema.ts';
import type { PredictionService } from '../../../src/server/protobuf/tensorflow-serving.ts';
import type { TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';
import { MOST_WRITTEN } from './shapes.ts';

export type Input = NonNullable<Encodable<typeof PredictionService.methods.Classify.request>['input']>;
type Kind = NonNullable<Input['kind']>;
type Example = NonNullable<Kind['value']['examples']>[number];
type Features = NonNullable<NonNullable<Example['features']>['feature']>;
type Feature = Features extends ReadonlyMap<string, infer F> ? F : never;

/** Each example has its features, or a context has them for all. */
export function exampleInput({ signature: { inputs } }: ServedModel, random: Random): Input {
  const width = random.chance(0.03) ? random.size(3000) : 3;
  const count = random.chance(0.03) ? random.size(3000) : 1 + random.below(3);
  const full = (): Example => ({
    features: { feature: new Map(inputs.map(spec => [spec.name, feature(spec, width, random)])) },
  });
  if (random.chance(0.5))
    return { kind: { case: 'example_list', value: { examples: random.list(1 + random.below(3), full) } } };
  const examples = random.list(count, () => ({}));
  return { kind: { case: 'example_list_with_context', value: { examples, context: full() } } };
}

function feature({ datatype, shape }: TensorSpec, width: number, random: Random): Feature {
  const count = shape.slice(1).reduce((product, size) => product * (size === -1 ? width : size), 1);
  const small = random.list(Math.min(count, 2 * MOST_WRITTEN), () => random.below(2));
  if (datatype === 'BYTES')
    return { kind: { case: 'bytes_list', value: { value: small.map(size => Buffer.alloc(size)) } } };
  if (datatype.startsWith('FP')) return { kind: { case: 'float_list', value: { value: small } } };
  return { kind: { case: 'int64_list', value: { value: small.map(BigInt) } } };
}
