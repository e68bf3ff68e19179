/** Triton's inputs and outputs: what is declared, and whether the model file agrees. Source: the ONNX Runtime backend's checks. */
import { DataType } from '../../protobuf/model-config.ts';
import type { OnnxHeader } from '../../runtimes/onnx/header.ts';
import { shown } from '../../tensors/shown.ts';
import { type Datatype, isDatatype, shapeText, type TensorSpec } from '../../tensors/tensor.ts';
import type { Ledger } from '../ledger.ts';
import type { Config } from './config.ts';

/** An input or output as a configuration has it; what it leaves out is undefined. */
export interface Declared {
  readonly name: string;
  /** A name of Triton's, which may be none of OIP/V2's: `BF16`. */
  readonly datatype: string | undefined;
  /** As the model has it, without the batch where there is one; -1 is a free size. */
  readonly dims: readonly number[] | undefined;
}

export interface DeclaredTensors {
  readonly inputs: readonly Declared[];
  readonly outputs: readonly Declared[];
  /** Of outputs, the file with the names of their classes, in the model's folder. */
  readonly labelFiles: Readonly<Record<string, string>>;
}

type Tensors = Config['input'] | Config['output'];

export function tensors(config: Config, ledger: Ledger): DeclaredTensors {
  const labelFiles: Record<string, string> = Object.create(null);
  for (const [index, { name, label_filename: file }] of config.output.entries()) {
    const path = `output[${index}].label_filename`;
    if (file === '') continue;
    if (isFileName(file)) {
      labelFiles[name] = file;
      ledger.use(path);
    } else ledger.refuse(path, 'must be the name of a file in the folder of the model');
  }
  return {
    inputs: declared(config.input, 'input', ledger),
    outputs: declared(config.output, 'output', ledger),
    labelFiles: { ...labelFiles },
  };
}

/** What names a file of a folder, and nothing outside it. */
export function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

function declared(list: Tensors, field: 'input' | 'output', ledger: Ledger): readonly Declared[] {
  return list.map(({ name, data_type, dims, reshape }, index) => {
    const path = `${field}[${index}]`;
    for (const one of [path, `${path}.name`, `${path}.data_type`, `${path}.dims`]) ledger.use(one);
    if (name === '') ledger.refuse(path, 'must have a name');
    if (list.findIndex(other => other.name === name) !== index)
      ledger.refuse(`${path}.name`, 'is there twice');
    const sizes = reshape === undefined ? dims : reshape.shape;
    if (sizes.some(size => size < -1n || size > BigInt(Number.MAX_SAFE_INTEGER)))
      ledger.refuse(`${path}.dims`, 'must be sizes, or -1 for a free one');
    const isOpen = reshape === undefined && dims.length === 0;
    return {
      name,
      datatype: datatypeOf(data_type, `${path}.data_type`, ledger),
      dims: isOpen ? undefined : Array.from(sizes, Number),
    };
  });
}

/** Undefined where nothing is said. */
export function datatypeOf(value: number, path: string, ledger: Ledger): string | undefined {
  if (value === DataType.values.TYPE_INVALID) return undefined;
  const name = Object.entries(DataType.values).find(([, number]) => number === value)?.[0];
  if (name === undefined) ledger.refuse(path, 'is no data type');
  return name === 'TYPE_STRING' ? 'BYTES' : name?.replace('TYPE_', '');
}

/** The name as OIP/V2's, where it has one. */
export function knownDatatype(name: string | undefined): Datatype | undefined {
  return isDatatype(name) ? name : undefined;
}

/** What in a model file is not as it was declared, one sentence each. `batched` says whether dims leave the batch out. */
export function mismatches(
  { inputs, outputs }: DeclaredTensors,
  header: OnnxHeader,
  batched: boolean,
): readonly string[] {
  const count =
    inputs.length > 0 && inputs.length !== header.inputs.length
      ? [`config.pbtxt has ${inputs.length} inputs, and the model has ${header.inputs.length}`]
      : [];
  return [
    ...count,
    ...inputs.flatMap(one => mismatch(one, { kind: 'input', specs: header.inputs, batched })),
    ...outputs.flatMap(one => mismatch(one, { kind: 'output', specs: header.outputs, batched })),
  ];
}

interface Model {
  readonly kind: 'input' | 'output';
  readonly specs: readonly TensorSpec[];
  readonly batched: boolean;
}

function mismatch(one: Declared, { kind, specs, batched }: Model): readonly string[] {
  const what = `${kind} '${shown(one.name)}'`;
  const spec = specs.find(({ name }) => name === one.name);
  if (spec === undefined)
    return [`the model has no ${what}; its ${kind}s are ${specs.map(({ name }) => shown(name)).join(', ')}`];
  if (one.datatype !== undefined && one.datatype !== spec.datatype)
    return [`the model's ${what} is ${spec.datatype}, and config.pbtxt has ${one.datatype}`];
  if (spec.unknownRank) return [];
  if (batched && spec.shape[0] !== -1)
    return [
      `max_batch_size is above 0, but the first size of ${what} is not free in the model: ${shapeText(spec.shape)}`,
    ];
  if (one.dims === undefined || fits(one.dims, batched ? spec.shape.slice(1) : spec.shape)) return [];
  const whole = batched ? [-1, ...one.dims] : one.dims;
  return [
    `the model's ${what} has the shape ${shapeText(spec.shape)}, and config.pbtxt comes to ${shapeText(whole)}`,
  ];
}

/** Triton writes a scalar as one element. */
function fits(dims: readonly number[], shape: readonly number[]): boolean {
  if (shape.length === 0 && dims.length === 1) return dims[0] === 1 || dims[0] === -1;
  return (
    dims.length === shape.length &&
    dims.every((size, axis) => size === -1 || shape[axis] === -1 || size === shape[axis])
  );
}
