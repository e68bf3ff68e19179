/** TensorFlow's examples as messages: a list for each feature, of bytes, floats or 64-bit integers. */
import { invalid, type NamedTensor, type ServedModel } from '../../models/signature.ts';
import type { Decoded } from '../../protobuf/schema.ts';
import type { Example } from '../../protobuf/tensorflow.ts';
import type { PredictionService } from '../../protobuf/tensorflow-serving.ts';
import { allocate, type Datatype, elementCount, type TensorSpec } from '../../tensors/tensor.ts';
import type { Examples } from './examples.ts';
import { type FeatureValues, isStrings, putValues } from './feature-values.ts';
import { missingFeature, rowShape } from './features.ts';
import { Filling, sizeOf } from './filling.ts';

type Input = Decoded<typeof PredictionService.methods.Classify.request>['input'];
type ExampleMessage = Decoded<typeof Example>;
type Features = NonNullable<ExampleMessage['features']>['feature'];
type Kind = NonNullable<Features extends ReadonlyMap<string, infer F> ? F : never>['kind'];

type ListName = NonNullable<Kind>['case'];

/** TensorFlow's name for what each list holds. */
const types: Readonly<Record<ListName, string>> = {
  bytes_list: 'string',
  float_list: 'float',
  int64_list: 'int64',
};

/** The list that has a datatype's values. */
function listOf(datatype: Datatype): ListName {
  if (datatype === 'BYTES') return 'bytes_list';
  return datatype === 'FP16' || datatype === 'FP32' || datatype === 'FP64' ? 'float_list' : 'int64_list';
}

/** A tensor for each input. Throws `input_invalid`. */
export function readInput(input: Input, model: ServedModel): Examples {
  const kind = input?.kind;
  const examples = kind?.value.examples ?? [];
  if (examples.length === 0) throw invalid('Input is empty.', ['input']);
  const context = kind?.case === 'example_list_with_context' ? kind.value.context : undefined;
  const filling = new Filling();
  const given = model.signature.inputs.map(spec => columnOf(spec, examples, { context, filling }));
  return { count: examples.length, given };
}

/** What an example does not have itself, the context has for all. */
function columnOf(
  spec: TensorSpec,
  examples: readonly ExampleMessage[],
  { context, filling }: { context: ExampleMessage | undefined; filling: Filling },
): NamedTensor {
  const shared = featureOf(context, spec);
  const rows = examples.map((example, row) => {
    const own = featureOf(example, spec);
    const kind = own ?? shared;
    if (kind === undefined) throw missingFeature(spec, row);
    const values = valuesOf(kind, spec, row);
    if (own === undefined)
      filling.take(sizeOf(spec.datatype, values.length, lengthOf(values)), {
        name: spec.name,
        at: ['context'],
      });
    return values;
  });
  const shape = rowShape(
    spec,
    rows.map(values => values.length),
  );
  const { name, datatype } = spec;
  const count = elementCount(shape);
  const data = allocate(datatype, rows.length * count);
  rows.forEach((values, row) => putValues(values, data, { spec, row, offset: row * count }));
  return { name, tensor: { datatype, shape: [rows.length, ...shape], data }, at: ['examples'] };
}

/** Bytes of strings. */
function lengthOf(values: FeatureValues): number {
  return isStrings(values) ? values.reduce((sum, { length }) => sum + length, 0) : 0;
}

function featureOf(example: ExampleMessage | undefined, { name }: TensorSpec): Kind {
  return example?.features?.feature.get(name)?.kind;
}

function valuesOf(kind: NonNullable<Kind>, { name, datatype }: TensorSpec, row: number): FeatureValues {
  const expected = listOf(datatype);
  if (kind.case === expected) return kind.value.value;
  throw invalid(
    `Key: ${name}. Data types don't match. Data type: ${types[kind.case]} but expected type: ${types[expected]}`,
    ['examples', row, name],
  );
}
