/**
 * What an ONNX file says of its inputs and outputs, read before ONNX Runtime sees it: its Node binding ends the process
 * on some element types, and a model must not be able to do that. Field numbers are those of onnx.proto3.
 */
import { err, ok, type Result } from '#base';
import { type Datatype, MOST_RANK, type TensorSpec } from '../../tensors/tensor.ts';
import { type ByteSource, type Field, fields, type Range, WireError } from './wire.ts';

export interface OnnxHeader {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Whether every input and output has a free first dimension, under one name if it is named. */
  readonly freeRows: boolean;
  /** Names of the files beside it that hold weights. */
  readonly externalFiles: readonly string[];
}

export type HeaderFault =
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'unsupported'; readonly problem: string; readonly remedy: string };

const MODEL = { irVersion: 1, graph: 7 } as const;
const GRAPH = { initializer: 5, input: 11, output: 12 } as const;
const VALUE_INFO = { name: 1, type: 2 } as const;
const TENSOR = { name: 8, externalData: 13 } as const;
const ENTRY = { key: 1, value: 2 } as const;
const TYPE = { tensor: 1, kinds: [1, 4, 5, 7, 8, 9] } as const;
const TENSOR_TYPE = { elementType: 1, shape: 2 } as const;
const DIMENSION = { value: 1, name: 2 } as const;

/** Longer names are no model's. Bytes. */
const MOST_NAME = 4096;

/** TensorProto.DataType, as far as OIP/V2 has a name for it and the Node binding carries it. */
const datatypes: Readonly<Record<number, Datatype>> = {
  1: 'FP32',
  2: 'UINT8',
  3: 'INT8',
  4: 'UINT16',
  5: 'INT16',
  6: 'INT32',
  7: 'INT64',
  8: 'BYTES',
  9: 'BOOL',
  10: 'FP16',
  11: 'FP64',
  12: 'UINT32',
  13: 'UINT64',
};

const otherTypes: Readonly<Record<number, string>> = {
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
};

const typeKinds: Readonly<Record<number, string>> = {
  4: 'sequence',
  5: 'map',
  7: 'value of an opaque type',
  8: 'sparse tensor',
  9: 'optional',
};

interface ValueInfo {
  readonly name: string;
  readonly spec: TensorSpec | undefined;
  /** The name of the first dimension when it is free; empty when free without a name. */
  readonly rows: string | undefined;
  readonly fault: string | undefined;
}

/** Reads the header of an ONNX file. */
export function readHeader(source: ByteSource): Result<OnnxHeader, HeaderFault> {
  try {
    return interpret(readGraph(source));
  } catch (error: unknown) {
    if (error instanceof WireError) return err({ kind: 'invalid', problem: error.message });
    throw error;
  }
}

interface Graph {
  readonly inputs: ValueInfo[];
  readonly outputs: ValueInfo[];
  /** Weights; models before IR version 4 list them among the inputs too. */
  readonly initializers: Set<string>;
  readonly externalFiles: Set<string>;
}

function readGraph(source: ByteSource): Graph {
  let irVersion: bigint | undefined;
  let graph: Range | undefined;
  for (const field of fields(source, { start: 0, end: source.size }, [[MODEL.irVersion], [MODEL.graph]])) {
    if (field.number === MODEL.irVersion && field.kind === 'varint') irVersion = field.value;
    if (field.number === MODEL.graph) graph = rangeOf(field);
  }
  if (irVersion === undefined || graph === undefined) throw new WireError('it has no graph');
  const read: Graph = { inputs: [], outputs: [], initializers: new Set(), externalFiles: new Set() };
  for (const field of fields(source, graph, [])) {
    if (field.number === GRAPH.initializer) addInitializer(source, rangeOf(field), read);
    if (field.number === GRAPH.input) read.inputs.push(valueInfo(source, rangeOf(field)));
    if (field.number === GRAPH.output) read.outputs.push(valueInfo(source, rangeOf(field)));
  }
  return read;
}

function interpret(graph: Graph): Result<OnnxHeader, HeaderFault> {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const all = [...inputs, ...graph.outputs];
  if (graph.outputs.length === 0) return err({ kind: 'invalid', problem: 'its graph has no outputs' });
  const faulty = all.find(({ fault }) => fault !== undefined);
  if (faulty?.fault !== undefined) return err(unsupported(faulty.name, faulty.fault));
  const specs = (values: readonly ValueInfo[]): TensorSpec[] =>
    values.flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
  return ok({
    inputs: specs(inputs),
    outputs: specs(graph.outputs),
    freeRows: inputs.length > 0 && hasFreeRows(all),
    externalFiles: [...graph.externalFiles],
  });
}

/** A name that also stands at another axis ties the rows of a request to a size that joined requests do not have. */
function hasFreeRows(values: readonly ValueInfo[]): boolean {
  const names = new Set(values.map(({ rows }) => rows));
  const [name, second] = [...names].filter(one => one !== '');
  if (names.has(undefined) || second !== undefined) return false;
  return name === undefined || !values.some(({ spec }) => spec?.sizeNames?.includes(name, 1));
}

function unsupported(name: string, fault: string): HeaderFault {
  return { kind: 'unsupported', problem: `'${name}' is ${fault}`, remedy: remedyFor(fault) };
}

function remedyFor(fault: string): string {
  if (/sequence|map/.test(fault))
    return "export it with tensor outputs (skl2onnx: options={'zipmap': False})";
  if (/without/.test(fault)) return 'export it with the type of every input and output';
  return 'convert it with a Cast node to float16, float32, float64, an 8- to 64-bit integer, bool or string';
}

function valueInfo(source: ByteSource, range: Range): ValueInfo {
  let name = '';
  let type: Range | undefined;
  for (const field of fields(source, range, [[VALUE_INFO.name], [VALUE_INFO.type]])) {
    if (field.number === VALUE_INFO.name) name = text(source, rangeOf(field));
    if (field.number === VALUE_INFO.type) type = rangeOf(field);
  }
  const kind = type === undefined ? undefined : kindOf(source, type);
  if (kind?.number === TYPE.tensor) return tensorInfo(source, name, rangeOf(kind));
  const other = typeKinds[kind?.number ?? 0];
  return {
    name,
    spec: undefined,
    rows: undefined,
    fault: other === undefined ? 'without a type' : `a ${other}`,
  };
}

/** The field that says what a type is. */
function kindOf(source: ByteSource, type: Range): Field | undefined {
  const kinds: readonly number[] = TYPE.kinds;
  return [...fields(source, type, [kinds])].find(({ number }) => kinds.includes(number));
}

function tensorInfo(source: ByteSource, name: string, range: Range): ValueInfo {
  let elementType = 0;
  let shape: Range | undefined;
  for (const field of fields(source, range, [[TENSOR_TYPE.elementType], [TENSOR_TYPE.shape]])) {
    if (field.number === TENSOR_TYPE.elementType && field.kind === 'varint')
      elementType = Number(field.value);
    if (field.number === TENSOR_TYPE.shape) shape = rangeOf(field);
  }
  const datatype = datatypes[elementType];
  if (datatype === undefined) {
    return {
      name,
      spec: undefined,
      rows: undefined,
      fault: `a tensor of ${otherTypes[elementType] ?? `type ${elementType}`}`,
    };
  }
  if (shape === undefined) {
    const spec = { name, datatype, shape: [-1], unknownRank: true } as const;
    return { name, spec, rows: undefined, fault: undefined };
  }
  const dimensions = readShape(source, shape);
  const sizes = dimensions.map(size => (typeof size === 'number' ? size : -1));
  const sizeNames = dimensions.map(size => (typeof size === 'string' ? size : ''));
  const rows = typeof dimensions[0] === 'string' ? dimensions[0] : undefined;
  return { name, spec: { name, datatype, shape: sizes, sizeNames }, rows, fault: undefined };
}

/** Each dimension's size, or its name when it is free (empty without one). */
function readShape(source: ByteSource, range: Range): (number | string)[] {
  const dimensions: (number | string)[] = [];
  for (const field of fields(source, range, [])) {
    if (dimensions.length === MOST_RANK) throw new WireError(`a shape has more than ${MOST_RANK} dimensions`);
    dimensions.push(dimension(source, rangeOf(field)));
  }
  return dimensions;
}

function dimension(source: ByteSource, range: Range): number | string {
  let size: number | string = '';
  for (const field of fields(source, range, [[DIMENSION.value, DIMENSION.name]])) {
    // Exporters write -1 for a free size; of a size of 0 ONNX Runtime takes no other.
    if (field.number === DIMENSION.value && field.kind === 'varint' && BigInt.asIntN(64, field.value) >= 0n)
      size = Number(field.value);
    if (field.number === DIMENSION.name) size = text(source, rangeOf(field));
  }
  return size;
}

function rangeOf(field: Field): Range {
  if (field.kind !== 'bytes') throw new WireError(`field ${field.number} is not what ONNX has there`);
  return field;
}

function addInitializer(source: ByteSource, range: Range, { initializers, externalFiles }: Graph): void {
  let name = '';
  for (const field of fields(source, range, [[TENSOR.name]])) {
    if (field.number === TENSOR.name) name = text(source, rangeOf(field));
    if (field.number !== TENSOR.externalData) continue;
    const [key, value] = entry(source, rangeOf(field));
    if (key === 'location') externalFiles.add(value);
  }
  initializers.add(name);
}

function entry(source: ByteSource, range: Range): [key: string, value: string] {
  const pair: [string, string] = ['', ''];
  for (const field of fields(source, range, [[ENTRY.key], [ENTRY.value]])) {
    if (field.number === ENTRY.key) pair[0] = text(source, rangeOf(field));
    if (field.number === ENTRY.value) pair[1] = text(source, rangeOf(field));
  }
  return pair;
}

function text(source: ByteSource, { start, end }: Range): string {
  if (end - start > MOST_NAME) throw new WireError(`a name is longer than ${MOST_NAME} bytes`);
  return new TextDecoder().decode(source.read(start, end - start));
}
