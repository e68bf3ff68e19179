import assert from 'node:assert/strict';
import test from 'node:test';
import type { AppError } from '#base';
import { Directory } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import { decode, encode } from '../../protobuf/codec.ts';
import type { Decoded, Encodable, MessageType } from '../../protobuf/schema.ts';
import { DataType } from '../../protobuf/tensorflow.ts';
import {
  ModelService,
  PredictionService,
  SignatureDefMap,
  State,
} from '../../protobuf/tensorflow-serving.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import type { RpcService } from '../rpc.ts';
import { modelService, predictionService } from './rpc.ts';

const { GetModelMetadata } = PredictionService.methods;
const { GetModelStatus } = ModelService.methods;
const { DT_FLOAT } = DataType.values;

const floats = (name: string, ...shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape });

function model(version: string, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): ServedModel {
  return { name: 'm', version, platform: 'test', signature: { inputs, outputs, batched: true } };
}

const sum = model('123', [floats('a', -1), floats('b', -1)], [floats('y', -1), floats('z', -1)]);

function directory(): Directory<ServedModel> {
  const next = { ...sum, version: '124' };
  const named = { ...sum, version: 'a1b2' };
  const models = new Directory<ServedModel>(
    [sum, next, named],
    [{ name: 'm', label: 'stable', version: '123' }],
  );
  models.serve(sum);
  models.failed(named, 'broken');
  return models;
}

function answered<Q extends MessageType, A extends MessageType>(
  [service, name]: readonly [RpcService, string],
  { request, response }: { request: Q; response: A },
  message: Encodable<Q>,
): Decoded<A> {
  const method = service.methods[name];
  assert(method?.kind === 'answer');
  const pieces = method.reply(encode(request, message), directory());
  assert(!(pieces instanceof Promise));
  return decode(response, Buffer.concat(pieces));
}

const metadataOf = (message: Encodable<typeof GetModelMetadata.request>) =>
  answered([predictionService, 'GetModelMetadata'], GetModelMetadata, message);
const statusOf = (message: Encodable<typeof GetModelStatus.request>) =>
  answered([modelService, 'GetModelStatus'], GetModelStatus, message);

test('the metadata holds the signature', () => {
  const { model_spec, metadata } = metadataOf({
    model_spec: { name: 'm' },
    metadata_field: ['signature_def'],
  });
  assert.deepEqual(model_spec, {
    name: 'm',
    version_choice: { case: 'version', value: { value: 123n } },
    signature_name: '',
  });
  const any = metadata.get('signature_def');
  assert.equal(any?.type_url, 'type.googleapis.com/tensorflow.serving.SignatureDefMap');
  const signature = decode(SignatureDefMap, any.value).signature_def.get('serving_default');
  assert.equal(signature?.method_name, 'tensorflow/serving/predict');
  assert.deepEqual([...signature.inputs.keys()], ['a', 'b']);
  assert.deepEqual(signature.outputs.get('y'), {
    encoding: { case: 'name', value: 'y:0' },
    dtype: DT_FLOAT,
    tensor_shape: { dim: [{ size: -1n, name: '' }], unknown_rank: false },
  });
});

test('the status is that of every version, the latest first', () => {
  const { model_version_status } = statusOf({ model_spec: { name: 'm' } });
  assert.deepEqual(
    model_version_status.map(({ version, state, status }) => [version, state, status?.error_message]),
    [
      [124n, State.values.LOADING, ''],
      [123n, State.values.AVAILABLE, ''],
      [0n, State.values.END, 'broken'],
    ],
  );
});

test('the status may be asked of one version, and of a label', () => {
  const choices = [
    { case: 'version', value: { value: 123n } },
    { case: 'version_label', value: 'stable' },
  ] as const;
  for (const choice of choices) {
    const { model_version_status } = statusOf({ model_spec: { name: 'm', version_choice: choice } });
    assert.deepEqual(
      model_version_status.map(({ version }) => version),
      [123n],
    );
  }
});

const failures: readonly { name: string; run: () => unknown; code: AppError['code']; says: string }[] = [
  {
    name: 'metadata of nothing',
    run: () => metadataOf({ model_spec: { name: 'm' } }),
    code: 'input_invalid',
    says: 'GetModelMetadataRequest must specify at least one metadata_field',
  },
  {
    name: 'other metadata',
    run: () => metadataOf({ model_spec: { name: 'm' }, metadata_field: ['signature_def', 'x'] }),
    code: 'input_invalid',
    says: 'Metadata field x is not supported',
  },
  {
    name: 'metadata of no model',
    run: () => metadataOf({ metadata_field: ['signature_def'] }),
    code: 'input_invalid',
    says: 'Missing ModelSpec',
  },
  {
    name: 'metadata of an unknown model',
    run: () => metadataOf({ model_spec: { name: 'nope' }, metadata_field: ['signature_def'] }),
    code: 'model_unknown',
    says: 'Servable not found for request: Latest(nope)',
  },
  {
    name: 'the status of no model',
    run: () => statusOf({}),
    code: 'input_invalid',
    says: 'Missing ModelSpec',
  },
  {
    name: 'the status of an unknown model',
    run: () => statusOf({ model_spec: { name: 'nope' } }),
    code: 'model_unknown',
    says: 'Could not find any versions of model nope',
  },
  {
    name: 'the status of an unknown version',
    run: () =>
      statusOf({ model_spec: { name: 'm', version_choice: { case: 'version', value: { value: 5n } } } }),
    code: 'version_unknown',
    says: 'Could not find version 5 of model m',
  },
  {
    name: 'the status of an unknown label',
    run: () => statusOf({ model_spec: { name: 'm', version_choice: { case: 'version_label', value: 'x' } } }),
    code: 'input_invalid',
    says: 'Unrecognized servable version label: x',
  },
];
for (const { name, run, code, says } of failures) {
  test(`${name} is refused`, () => assert.throws(run, { code, message: says }));
}
