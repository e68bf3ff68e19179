/** ONNX's TensorProto, in which the backend tests keep inputs and outputs. Field numbers are those of onnx.proto3. */
import { countOf, type Datatype, type Fixed, type RawTensor, rawOf, rawOfStrings } from './tensor.ts';
import { type Field, fieldsOf, varints } from './wire.ts';

const DIMS = 1;
const DATA_TYPE = 2;
const FLOATS = 4;
const INT32S = 5;
const STRINGS = 6;
const INT64S = 7;
const NAME = 8;
const RAW = 9;
const DOUBLES = 10;
const UINT64S = 11;

/** TensorProto.DataType, as far as OIP/V2 has a name for it. */
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

/** Reads a tensor. Throws when its elements are no wire type's, or are not as many as its shape has. */
export function readTensorProto(bytes: Buffer): RawTensor {
  const fields = [...fieldsOf(bytes)];
  const all = (number: number): Field[] => fields.filter(field => field.number === number);
  const shape = all(DIMS).flatMap(varints).map(Number);
  const type = Number(all(DATA_TYPE).flatMap(varints)[0] ?? 0);
  const datatype = datatypes[type];
  if (datatype === undefined) throw new Error(`a tensor of type ${type} has no wire name`);
  const raw = rawFrom(datatype, all);
  const strings = all(STRINGS).length;
  const count = datatype === 'BYTES' ? strings : raw.length / rawOf(datatype, [0]).length;
  if (count !== countOf(shape)) throw new Error(`${count} elements do not fill [${shape.join()}]`);
  return { name: String(all(NAME)[0]?.value ?? ''), datatype, shape, raw };
}

function rawFrom(datatype: Datatype, all: (number: number) => Field[]): Buffer {
  const bytes = (number: number): Buffer[] => all(number).map(({ value }) => value as Buffer);
  if (datatype === 'BYTES') return rawOfStrings(bytes(STRINGS));
  const [raw] = bytes(RAW);
  if (raw !== undefined) return raw;
  if (datatype === 'FP32') return Buffer.concat(bytes(FLOATS));
  if (datatype === 'FP64') return Buffer.concat(bytes(DOUBLES));
  const values = all(fieldOf(datatype)).flatMap(varints);
  return rawOf(
    datatype,
    datatype.startsWith('UINT') ? values : values.map(value => BigInt.asIntN(64, value)),
  );
}

/** The field that holds integers of a datatype: 32 bits hold what is narrower too. */
function fieldOf(datatype: Fixed): number {
  if (datatype === 'INT64') return INT64S;
  return datatype === 'UINT64' || datatype === 'UINT32' ? UINT64S : INT32S;
}
