/** `/predict` as a description has it. */
import type { ServedModel } from '../../models/signature.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import { predict } from '../predict.ts';
import { bareOrNamed } from './example.ts';
import type { JsonObject } from './json.ts';
import { json, objectOf, operation, type Paths, segment, surfaceOf } from './operation.ts';
import { answerSchema, elementSchemas, nestedSchema, rowOf } from './tensor-schema.ts';

export const plainSurface = surfaceOf(predict, 'predict', 'Detail');

/** The latest version of each name; without a name, the only one there is. */
export function plainPaths(latest: readonly ServedModel[], alone: boolean): Paths {
  const operations = latest.flatMap(model => [
    ...(alone ? [['/predict', { post: predictOperation(model, 'predict') }] as const] : []),
    [
      `/models/${segment(model.name)}/predict`,
      { post: predictOperation(model, `predict.${model.name}`) },
    ] as const,
  ]);
  return Object.fromEntries(operations);
}

function predictOperation(model: ServedModel, id: string): JsonObject {
  return operation(plainSurface, {
    id,
    summary: `Predict with the latest version of '${model.name}'`,
    body: { required: true, content: json(objectOf({ inputs: inputsSchema(model) }), bareOrNamed(model)) },
    answer: json(
      objectOf({
        predictions: predictionsSchema(model),
        model_version: { type: 'string' },
        prediction_time: { type: 'number', minimum: 0, description: 'Seconds.' },
      }),
    ),
    asking: 'predicting',
  });
}

function inputsSchema({ signature }: ServedModel): JsonObject {
  const schemas = signature.inputs.map(spec => [spec.name, tensorSchema(spec)] as const);
  const named = { ...objectOf(Object.fromEntries(schemas)), additionalProperties: false };
  const [only, second] = schemas;
  return only !== undefined && second === undefined ? { anyOf: [only[1], named] } : named;
}

function tensorSchema(spec: TensorSpec): JsonObject {
  return nestedSchema(spec, elementSchemas[spec.datatype]);
}

/** As the answer has it: one output by itself, several as an object for each row, or of whole tensors. */
function predictionsSchema({ signature }: ServedModel): JsonObject {
  const { outputs, batched } = signature;
  const [only, second] = outputs;
  if (only !== undefined && second === undefined) return answerSchema(only);
  const whole = objectOf(Object.fromEntries(outputs.map(spec => [spec.name, answerSchema(spec)])));
  const row = objectOf(Object.fromEntries(outputs.map(spec => [spec.name, answerSchema(rowOf(spec))])));
  return batched ? { anyOf: [{ type: 'array', items: row }, whole] } : whole;
}
