/** An infer request and its answer as a description has them. */
import type { ServedModel } from '../../models/signature.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import { HEADER } from '../v2/binary.ts';
import { exampleTensors, flatZeros } from './example.ts';
import type { Json, JsonObject } from './json.ts';
import { json, objectOf, operation } from './operation.ts';
import { anyElement, elementSchemas, flatSchema, nestedSchema } from './tensor-schema.ts';
import { text, v2Surface } from './v2-surface.ts';

export function inferOperation(model: ServedModel, id: string): JsonObject {
  const binary = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
  return operation(v2Surface, {
    id,
    summary: `Infer with '${model.name}'`,
    description: `Tensors may be sent and answered as bytes behind the JSON, whose length the header ${HEADER} then tells.`,
    parameters: [
      {
        name: 'Inference-Header-Content-Length',
        in: 'header',
        description: 'Bytes of JSON before those of tensors; 0 when the body is one tensor.',
        schema: { type: 'integer', minimum: 0 },
      },
    ],
    body: { required: true, content: { ...json(requestSchema(model), example(model)), ...binary } },
    answer: { ...json(responseSchema(model)), ...binary },
    asking: 'predicting',
  });
}

/** Scalars, but for the names that are not a client's to set. */
function parametersSchema(own: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: { ...own, headers: false },
    patternProperties: { '^triton_': false, '^shared_memory_': false },
    additionalProperties: { type: ['string', 'number', 'boolean'] },
  };
}

const count: JsonObject = { type: 'integer', minimum: 0 };

function requestSchema({ signature }: ServedModel): JsonObject {
  const inputs = signature.inputs.map(inputSchema);
  const [only, second] = inputs;
  return {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: text,
      parameters: parametersSchema({ binary_data_output: { type: 'boolean' } }),
      inputs: {
        type: 'array',
        items: only !== undefined && second === undefined ? only : { anyOf: inputs },
        minItems: inputs.length,
        maxItems: inputs.length,
      },
      outputs: {
        type: 'array',
        maxItems: signature.outputs.length,
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { enum: signature.outputs.map(({ name }) => name) },
            parameters: parametersSchema({ binary_data: { type: 'boolean' }, classification: count }),
          },
        },
      },
    },
  };
}

/** An input in JSON. Half precision has no form in it, and comes as bytes only. */
function inputSchema(spec: TensorSpec): JsonObject {
  const { name, datatype } = spec;
  const head = { name: { const: name }, datatype: { const: datatype }, shape: shapeSchema(spec) };
  if (datatype === 'FP16')
    return objectOf({
      ...head,
      parameters: { ...parametersSchema({ binary_data_size: count }), required: ['binary_data_size'] },
    });
  const element = elementSchemas[datatype];
  const data = { anyOf: [flatSchema(spec, element), nestedSchema(spec, element)] };
  const described = objectOf({ ...head, data: spec.shape.length === 0 ? flatSchema(spec, element) : data });
  return {
    ...described,
    properties: {
      ...(described['properties'] as JsonObject),
      parameters: parametersSchema({ binary_data_size: false }),
    },
  };
}

function shapeSchema({ shape: declared, unknownRank }: TensorSpec): JsonObject {
  if (unknownRank === true) return { type: 'array', items: count };
  const sizes = declared.map(size => (size === -1 ? count : { const: size }));
  const length = sizes.length;
  return { type: 'array', prefixItems: length === 0 ? undefined : sizes, minItems: length, maxItems: length };
}

/** An output may come as classes, or as bytes behind the JSON. */
function responseSchema({ name, version, signature }: ServedModel): JsonObject {
  const output = {
    type: 'object',
    required: ['name', 'datatype', 'shape'],
    properties: {
      name: { enum: signature.outputs.map(one => one.name) },
      datatype: { enum: [...new Set([...signature.outputs.map(({ datatype }) => datatype), 'BYTES'])] },
      shape: { type: 'array', items: count },
      data: { type: 'array', items: anyElement },
      parameters: { type: 'object' },
    },
  };
  return {
    type: 'object',
    required: ['model_name', 'model_version', 'outputs'],
    properties: {
      id: text,
      model_name: { const: name },
      model_version: { type: 'string', examples: [version] },
      outputs: { type: 'array', items: output },
    },
  };
}

function example(model: ServedModel): Json | undefined {
  if (model.signature.inputs.some(({ datatype }) => datatype === 'FP16')) return undefined;
  const inputs = exampleTensors(model)?.map(one => ({
    name: one.spec.name,
    datatype: one.spec.datatype,
    shape: one.shape,
    data: flatZeros(one),
  }));
  return inputs === undefined ? undefined : { inputs };
}
