/** A model's signature as TensorFlow Serving's metadata has it in JSON. */
import type { ServedModel } from '../../models/signature.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import { json, type Reply } from '../port.ts';
import { dtypeName } from './dtypes.ts';
import { METHOD, SIGNATURE } from './signature.ts';

export function metadataReply({ name, version, signature }: ServedModel): Reply {
  const definition = {
    inputs: Object.fromEntries(signature.inputs.map(tensorInfo)),
    outputs: Object.fromEntries(signature.outputs.map(tensorInfo)),
    method_name: METHOD,
    defaults: {},
  };
  const model_spec = { name, signature_name: '', version };
  const signature_def = { signature_def: { [SIGNATURE]: definition } };
  return json(200, JSON.stringify({ model_spec, metadata: { signature_def } }));
}

/** 64-bit numbers are strings, as protobuf's JSON writes them. */
function tensorInfo({ name, datatype, shape, unknownRank }: TensorSpec): [string, object] {
  const unknown_rank = unknownRank === true;
  const dim = unknown_rank ? [] : shape.map(size => ({ size: String(size), name: '' }));
  const tensor_shape = { dim, unknown_rank };
  return [name, { dtype: dtypeName(datatype), tensor_shape, name: `${name}:0` }];
}
