/** Tensors as JSON Schema: what is here is what the readers take, no more and no less where a schema can say it. */
import { type Datatype, elementCount, type TensorSpec } from '../../tensors/tensor.ts';
import type { Json, JsonObject } from './json.ts';

/** What is rounded to an infinity is refused: the bounds lie halfway behind the largest finite number. */
const floats = (bound: number): JsonObject => ({
  type: 'number',
  exclusiveMinimum: -bound,
  exclusiveMaximum: bound,
});

const integers = (minimum: number | bigint, maximum: number | bigint): JsonObject => ({
  type: 'integer',
  minimum,
  maximum,
});

/** ONNX Runtime's binding takes no NUL in a string. */
const text: JsonObject = { type: 'string', pattern: '^[^\\u0000]*$' };

export const elementSchemas: Readonly<Record<Datatype, JsonObject>> = {
  BOOL: { type: 'boolean' },
  UINT8: integers(0, 255),
  UINT16: integers(0, 65_535),
  UINT32: integers(0, 4_294_967_295),
  UINT64: integers(0, 2n ** 64n - 1n),
  INT8: integers(-128, 127),
  INT16: integers(-32_768, 32_767),
  INT32: integers(-2_147_483_648, 2_147_483_647),
  INT64: integers(-(2n ** 63n), 2n ** 63n - 1n),
  FP16: floats(65_520),
  FP32: floats(2 ** 128 - 2 ** 103),
  FP64: { type: 'number', minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE },
  BYTES: text,
};

/** Elements of an answer: any of the type, and for floats the tokens NaN and Infinity too, which no schema can say. */
const answered: Readonly<Record<Datatype, JsonObject>> = {
  ...elementSchemas,
  FP16: { type: 'number' },
  FP32: { type: 'number' },
  FP64: { type: 'number' },
  BYTES: { type: 'string' },
};

/** Lists nested by shape around elements; a bare element where there is no dimension. */
export function nestedSchema({ shape, unknownRank }: TensorSpec, element: Json): JsonObject {
  if (unknownRank === true) return { description: 'A tensor of any number of dimensions, as nested lists.' };
  return nest(shape, element);
}

/** A tensor of an answer, nested by shape. */
export function answerSchema(spec: TensorSpec, strings: Json = answered.BYTES): JsonObject {
  return nestedSchema(spec, spec.datatype === 'BYTES' ? strings : answered[spec.datatype]);
}

/** One index of the first dimension. */
export function rowOf(spec: TensorSpec): TensorSpec {
  return { ...spec, shape: spec.shape.slice(1) };
}

/** All elements in one list, as many as the shape says if it says it. */
export function flatSchema({ shape, unknownRank }: TensorSpec, element: Json): JsonObject {
  const known = unknownRank !== true && !shape.includes(-1);
  const count = known ? elementCount(shape) : undefined;
  return { type: 'array', items: element, minItems: count, maxItems: count };
}

/** Elements of any output, where one schema is for all of them. */
export const anyElement: JsonObject = { type: ['number', 'string', 'boolean'] };

function nest([size, ...inner]: readonly number[], element: Json): JsonObject {
  if (size === undefined) return element as JsonObject;
  const items = nest(inner, element);
  if (size !== -1) return { type: 'array', items, minItems: size, maxItems: size };
  // A list of no lists does not tell how many dimensions it has.
  return { type: 'array', items, minItems: inner.length > 0 ? 1 : undefined };
}
