/** Each datatype, bit by bit, through each form that can carry it, by a runtime that changes nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { Client, credentials } from '@grpc/grpc-js';
import { systemClock } from '#base';
import type { Addresses } from '#net';
import { modelFile } from '../fixtures/onnx-file.ts';
import { usualSettings } from '../models/settings.ts';
import { decode, encode } from '../protobuf/codec.ts';
import { ModelInferRequest, ModelInferResponse } from '../protobuf/oip-infer.ts';
import { PredictionService } from '../protobuf/tensorflow-serving.ts';
import { Filling } from '../protocols/tfserving/filling.ts';
import { readTensorProto, tensorProto } from '../protocols/tfserving/tensor-proto.ts';
import type { LoadedModel, Runtime } from '../runtimes/port.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';
import { rawBytes, readRaw } from '../tensors/raw.ts';
import { type Datatype, datatypes, type Tensor, type TensorSpec } from '../tensors/tensor.ts';
import { flatText } from '../tensors/text-writer.ts';
import { ModelServer } from './server.ts';

/** A model named as the datatype is answers any tensor of it as it is. */
const identity: Runtime = {
  platform: 'test_identity',
  load: async path => {
    const datatype = path.split('/').at(-1) as Datatype;
    const spec = (name: string): TensorSpec => ({ name, datatype, shape: [-1], unknownRank: true });
    const model: LoadedModel = {
      place: 'inline',
      width: 1,
      signature: { inputs: [spec('x')], outputs: [spec('y_bytes')], batched: false },
      run: async inputs => inputs,
      close: async () => {},
    };
    return model;
  },
};

/** Hexadecimal little-endian elements that a careless hand would change. */
const hard: Readonly<Record<Exclude<Datatype, 'BYTES'>, string[]>> = {
  BOOL: ['00', '01'],
  UINT8: ['00', 'ff'],
  UINT16: ['0000', 'ffff'],
  UINT32: ['00000000', 'ffffffff'],
  UINT64: ['0000000000000000', 'ffffffffffffffff', '0100000000002000'],
  INT8: ['80', '7f', 'ff'],
  INT16: ['0080', 'ff7f'],
  INT32: ['00000080', 'ffffff7f'],
  INT64: ['0000000000000080', 'ffffffffffffff7f', '0100000000002000', 'ffffffffffffffff'],
  FP16: ['0080', '0100', 'ff03', 'ff7b', '007c', '00fc', '017e', '017c'],
  FP32: ['00000080', '01000000', 'ffff7f7f', '0000807f', '000080ff', '4523c17f', '0100807f', 'cdcccc3d'],
  FP64: [
    '0000000000000080',
    '0100000000000000',
    'ffffffffffffef7f',
    '000000000000f07f',
    '4523010000c1f87f',
    '010000000000f07f',
    '9a9999999999b93f',
  ],
};
const strings = ['', 'a\0b', 'é😀', Buffer.from([0xff, 0xfe, 0x00]), '"\\/'];

function tensors(datatype: Datatype): readonly Tensor[] {
  const elements = datatype === 'BYTES' ? strings : hard[datatype];
  const of = (shape: readonly number[], some: readonly (string | Buffer)[]): Tensor => {
    const data =
      datatype === 'BYTES'
        ? ByteStrings.of(some)
        : readRaw(Buffer.from(some.join(''), 'hex'), { name: 'x', datatype, shape, at: [] });
    return { datatype, shape, data };
  };
  return [
    of([elements.length], elements),
    of([0, 2], []),
    of([], elements.slice(-1)),
    of([1, elements.length], elements),
  ];
}

async function start(t: TestContext): Promise<Addresses> {
  const folder = modelFile(t, Buffer.alloc(0)).replace(/\/[^/]*$/, '');
  const models = datatypes.map(name => ({ name, version: '1', path: `${folder}/${name}` }));
  const limits = {
    settings: { ...usualSettings, maxRows: 8 },
    maxBody: 1_000_000,
    maxInFlight: 64,
    requestTimeMs: 5000,
  };
  const server = new ModelServer(
    { models, host: '127.0.0.1', port: 0, grpcPort: 0, ...limits, drainDelayMs: 0, graceMs: 5000 },
    {
      clock: systemClock,
      logger: { enabled: () => false, log: () => {} },
      runtime: identity,
      idPrefix: 'test',
      identity: { name: 'fairlead', version: '0' },
      sleep: async () => {},
    },
  );
  const addresses = await server.listen();
  t.after(() => server.close());
  await server.load();
  return addresses;
}

type Form = (addresses: Addresses, tensor: Tensor) => Promise<Tensor>;

async function binaryRest({ http }: Addresses, { datatype, shape, data }: Tensor): Promise<Tensor> {
  const bytes = rawBytes({ datatype, shape, data });
  const input = { name: 'x', datatype, shape, parameters: { binary_data_size: bytes.length } };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const headers = { 'Inference-Header-Content-Length': String(head.length) };
  return answerOf(await post(`${http}/v2/models/${datatype}/infer`, Buffer.concat([head, bytes]), headers));
}

/** In as text, out as bytes: what JSON reads is the element that was written. */
async function jsonRest({ http }: Addresses, tensor: Tensor): Promise<Tensor> {
  const { datatype, shape } = tensor;
  const head = `"name":"x","datatype":"${datatype}","shape":[${shape.join(',')}],"data":${flatText(tensor)}`;
  const body = Buffer.from(`{"inputs":[{${head}}],"parameters":{"binary_data_output":true}}`);
  return answerOf(await post(`${http}/v2/models/${datatype}/infer`, body, {}));
}

async function base64Rest({ http }: Addresses, { datatype, shape, data }: Tensor): Promise<Tensor> {
  assert(data instanceof ByteStrings);
  const inputs = Array.from(data.starts, (_, index) => ({ b64: data.at(index).toString('base64') }));
  const response = await post(
    `${http}/v1/models/${datatype}:predict`,
    Buffer.from(JSON.stringify({ inputs })),
    {},
  );
  const { outputs } = JSON.parse(await response.text()) as { outputs: { b64: string }[] };
  return { datatype, shape, data: ByteStrings.of(outputs.map(({ b64 }) => Buffer.from(b64, 'base64'))) };
}

function rpc(contents: 'raw' | 'typed'): Form {
  return async (addresses, { datatype, shape, data }) => {
    const head = { name: 'x', datatype, shape: shape.map(BigInt) };
    const request = encode(ModelInferRequest, {
      model_name: datatype,
      inputs: [contents === 'raw' ? head : { ...head, contents: typed(datatype, data) }],
      ...(contents === 'raw' && { raw_input_contents: [rawBytes({ datatype, shape, data })] }),
    });
    const answer = decode(
      ModelInferResponse,
      await call(addresses, '/inference.GRPCInferenceService/ModelInfer', request),
    );
    const [output] = answer.outputs;
    const sizes = Array.from(output?.shape ?? [], Number);
    const raw = answer.raw_output_contents[0] ?? Buffer.alloc(0);
    return { datatype, shape: sizes, data: readRaw(raw, { name: 'y', datatype, shape: sizes, at: [] }) };
  };
}

function typed(datatype: Datatype, data: Tensor['data']): object {
  if (data instanceof ByteStrings)
    return { bytes_contents: Array.from(data.starts, (_, index) => data.at(index)) };
  const field = { BOOL: 'bool', UINT64: 'uint64', INT64: 'int64', FP32: 'fp32', FP64: 'fp64' }[
    datatype as string
  ];
  return { [`${field ?? (datatype.startsWith('U') ? 'uint' : 'int')}_contents`]: data };
}

async function tensorflowRpc(addresses: Addresses, tensor: Tensor): Promise<Tensor> {
  const { request, response } = PredictionService.methods.Predict;
  const message = encode(request, {
    model_spec: { name: tensor.datatype },
    inputs: new Map([['x', tensorProto(tensor)]]),
  });
  const answer = decode(
    response,
    await call(addresses, '/tensorflow.serving.PredictionService/Predict', message),
  );
  const proto = answer.outputs.get('y_bytes');
  assert(proto !== undefined);
  return readTensorProto(proto, { name: 'y', at: [], filling: new Filling() });
}

async function call({ grpc = '' }: Addresses, path: string, message: Buffer): Promise<Buffer> {
  const client = new Client(grpc.replace('grpc://', ''), credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const answered = new EventTarget();
  const result: { answer?: Buffer; error?: Error } = {};
  client.makeUnaryRequest(path, same, same, message, { deadline: Date.now() + 10_000 }, (error, answer) => {
    Object.assign(result, error === null ? { answer } : { error });
    answered.dispatchEvent(new Event('done'));
  });
  await once(answered, 'done');
  client.close();
  if (result.answer === undefined) throw result.error ?? new Error('no answer');
  return result.answer;
}

async function post(url: string, body: Buffer, headers: Record<string, string>): Promise<Response> {
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response;
}

async function answerOf(response: Response): Promise<Tensor> {
  const body = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get('inference-header-content-length') ?? body.length);
  const { outputs } = JSON.parse(body.subarray(0, length).toString()) as {
    outputs: [{ datatype: Datatype; shape: number[] }];
  };
  const [{ datatype, shape }] = outputs;
  return { datatype, shape, data: readRaw(body.subarray(length), { name: 'y', datatype, shape, at: [] }) };
}

/** JSON has no half precision here, no NaN but one, and no strings that are no text. */
function fitsJson({ datatype, data }: Tensor): Tensor | undefined {
  if (datatype === 'FP16') return undefined;
  if (data instanceof ByteStrings)
    return { datatype, shape: [4], data: ByteStrings.of(strings.filter(one => typeof one === 'string')) };
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  const numbers = data.filter(value => !Number.isNaN(value));
  return { datatype, shape: [numbers.length], data: numbers };
}

const all = (tensor: Tensor): readonly Tensor[] => [tensor];
const forms: readonly { name: string; form: Form; carries: (tensor: Tensor) => readonly Tensor[] }[] = [
  { name: 'binary REST', form: binaryRest, carries: all },
  { name: 'gRPC, raw', form: rpc('raw'), carries: all },
  {
    name: 'gRPC, typed',
    form: rpc('typed'),
    carries: tensor => (tensor.datatype === 'FP16' ? [] : [tensor]),
  },
  { name: "TensorFlow's gRPC", form: tensorflowRpc, carries: all },
  {
    name: 'JSON',
    form: jsonRest,
    carries: tensor => {
      const fitting = fitsJson(tensor);
      if (fitting !== undefined) return [fitting];
      return tensor.datatype === 'FP16' ? [] : [tensor];
    },
  },
  {
    name: "TensorFlow's REST in base64",
    form: base64Rest,
    carries: tensor => (tensor.datatype === 'BYTES' && tensor.shape.length === 1 ? [tensor] : []),
  },
];

test('every datatype goes bit by bit through every form that can carry it', async t => {
  const addresses = await start(t);
  for (const { name, form, carries } of forms) {
    for (const datatype of datatypes) {
      const carried = tensors(datatype).flatMap(carries);
      if (carried.length === 0) continue;
      await t.test(`${datatype} through ${name}`, async () => {
        for (const tensor of carried) {
          const back = await form(addresses, tensor);
          assert.deepEqual(back.shape, tensor.shape);
          assert.equal(rawBytes(back).toString('hex'), rawBytes(tensor).toString('hex'));
        }
      });
    }
  }
});
