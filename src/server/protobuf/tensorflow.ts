/**
 * Messages of package `tensorflow` that TensorFlow Serving's protocols hold: tensors, examples and signatures. Sources: the
 * .proto files of tensorflow/core that are named below. Fields that only a TensorFlow graph can mean (resources, variants,
 * composite tensors) are left out, and readers pass over them.
 */
import { protoFile } from './proto-file.ts';
import { enumeration, map, message, oneof, repeated } from './schema.ts';

/** Without the reference types, which are a graph's and no tensor's. */
export const DataType = enumeration('tensorflow.DataType', {
  DT_INVALID: 0,
  DT_FLOAT: 1,
  DT_DOUBLE: 2,
  DT_INT32: 3,
  DT_UINT8: 4,
  DT_INT16: 5,
  DT_INT8: 6,
  DT_STRING: 7,
  DT_COMPLEX64: 8,
  DT_INT64: 9,
  DT_BOOL: 10,
  DT_QINT8: 11,
  DT_QUINT8: 12,
  DT_QINT32: 13,
  DT_BFLOAT16: 14,
  DT_QINT16: 15,
  DT_QUINT16: 16,
  DT_UINT16: 17,
  DT_COMPLEX128: 18,
  DT_HALF: 19,
  DT_RESOURCE: 20,
  DT_VARIANT: 21,
  DT_UINT32: 22,
  DT_UINT64: 23,
  DT_FLOAT8_E5M2: 24,
  DT_FLOAT8_E4M3FN: 25,
  DT_FLOAT8_E4M3FNUZ: 26,
  DT_FLOAT8_E4M3B11FNUZ: 27,
  DT_FLOAT8_E5M2FNUZ: 28,
  DT_INT4: 29,
  DT_UINT4: 30,
  DT_INT2: 31,
  DT_UINT2: 32,
  DT_FLOAT4_E2M1FN: 33,
});

const Dim = message('tensorflow.TensorShapeProto.Dim', { size: [1, 'int64'], name: [2, 'string'] });

/** -1 is a free size. */
const TensorShapeProto = message('tensorflow.TensorShapeProto', {
  dim: [2, repeated(Dim)],
  unknown_rank: [3, 'bool'],
});

/**
 * Elements are either all in `tensor_content`, as memory has them, or in the list of their type, which may be shorter than
 * the shape: its last element then fills the rest. INT8, INT16, UINT8 and UINT16 are in `int_val`, the bits of halves and
 * bfloat16s in `half_val`.
 */
export const TensorProto = message('tensorflow.TensorProto', {
  dtype: [1, DataType],
  tensor_shape: [2, TensorShapeProto],
  version_number: [3, 'int32'],
  tensor_content: [4, 'bytes'],
  float_val: [5, repeated('float')],
  double_val: [6, repeated('double')],
  int_val: [7, repeated('int32')],
  string_val: [8, repeated('bytes')],
  scomplex_val: [9, repeated('float')],
  int64_val: [10, repeated('int64')],
  bool_val: [11, repeated('bool')],
  dcomplex_val: [12, repeated('double')],
  half_val: [13, repeated('int32')],
  uint32_val: [16, repeated('uint32')],
  uint64_val: [17, repeated('uint64')],
  float8_val: [18, 'bytes'],
});

const BytesList = message('tensorflow.BytesList', { value: [1, repeated('bytes')] });
const FloatList = message('tensorflow.FloatList', { value: [1, repeated('float')] });
const Int64List = message('tensorflow.Int64List', { value: [1, repeated('int64')] });

const Feature = message('tensorflow.Feature', {
  kind: oneof({ bytes_list: [1, BytesList], float_list: [2, FloatList], int64_list: [3, Int64List] }),
});

const Features = message('tensorflow.Features', { feature: [1, map('string', Feature)] });

export const Example = message('tensorflow.Example', { features: [1, Features] });

const CooSparse = message('tensorflow.TensorInfo.CooSparse', {
  values_tensor_name: [1, 'string'],
  indices_tensor_name: [2, 'string'],
  dense_shape_tensor_name: [3, 'string'],
});

const TensorInfo = message('tensorflow.TensorInfo', {
  encoding: oneof({ name: [1, 'string'], coo_sparse: [4, CooSparse] }),
  dtype: [2, DataType],
  tensor_shape: [3, TensorShapeProto],
});

export const SignatureDef = message('tensorflow.SignatureDef', {
  inputs: [1, map('string', TensorInfo)],
  outputs: [2, map('string', TensorInfo)],
  method_name: [3, 'string'],
  defaults: [4, map('string', TensorProto)],
});

/** gRPC's status codes, by TensorFlow's names for them. */
export const Code = enumeration('tensorflow.error.Code', {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  UNAUTHENTICATED: 16,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
});

const of = { package: 'tensorflow' };

const tensorShapeFile = protoFile('tensorflow/core/framework/tensor_shape.proto', {
  ...of,
  roots: [TensorShapeProto],
});

const typesFile = protoFile('tensorflow/core/framework/types.proto', { ...of, roots: [DataType] });

export const tensorFile = protoFile('tensorflow/core/framework/tensor.proto', {
  ...of,
  imports: [tensorShapeFile, typesFile],
  roots: [TensorProto],
});

const featureFile = protoFile('tensorflow/core/example/feature.proto', { ...of, roots: [Features] });

export const exampleFile = protoFile('tensorflow/core/example/example.proto', {
  ...of,
  imports: [featureFile],
  roots: [Example],
});

export const metaGraphFile = protoFile('tensorflow/core/protobuf/meta_graph.proto', {
  ...of,
  imports: [tensorFile, tensorShapeFile, typesFile],
  roots: [SignatureDef],
});

export const errorCodesFile = protoFile('xla/tsl/protobuf/error_codes.proto', {
  package: 'tensorflow.error',
  roots: [Code],
});
