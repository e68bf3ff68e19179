/** ONNX Runtime called directly: what every answer of the server is held against. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { arrayOf, type Datatype, type RawTensor, rawOfStrings, stringsOf } from './tensor.ts';

const types: Readonly<Record<Datatype, OrtTensor.Type>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};
const datatypes = new Map(Object.entries(types).map(([datatype, type]) => [type, datatype as Datatype]));

/** A model without a server around it. */
export class Direct {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  /** Throws ONNX Runtime's own words. */
  static async load(path: string): Promise<Direct> {
    // One thread, as the server is told: how a sum is split among several decides its last bits.
    return new Direct(
      await InferenceSession.create(path, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 4,
      }),
    );
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  /** Every output, in the model's order. Throws ONNX Runtime's own words. */
  async run(inputs: readonly RawTensor[]): Promise<RawTensor[]> {
    const feeds = Object.fromEntries(inputs.map(input => [input.name, toOrt(input)]));
    const answers = await this.#session.run(feeds);
    return this.#session.outputNames.map(name => {
      const answer = answers[name];
      if (answer === undefined) throw new Error(`ONNX Runtime left out ${name}`);
      return fromOrt(name, answer);
    });
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function toOrt({ datatype, shape, raw }: RawTensor): OrtTensor {
  if (datatype === 'BYTES') return new OrtTensor('string', stringsOf(raw).map(String), shape);
  const data = arrayOf(datatype, raw);
  if (datatype !== 'FP16') return new OrtTensor(types[datatype], data, shape);
  // The native half of the library cannot read the Float16Array that its other half would make.
  return Object.assign(new OrtTensor('uint16', data, shape), { type: 'float16' } as const);
}

function fromOrt(name: string, { type, dims, data }: OrtTensor): RawTensor {
  const datatype = datatypes.get(type);
  if (datatype === undefined) throw new Error(`the output ${name} of type ${type} has no wire name`);
  return { name, datatype, shape: dims, raw: bytesOf(data) };
}

/** A copy: the memory is ONNX Runtime's. */
function bytesOf(data: OrtTensor['data']): Buffer {
  if (Array.isArray(data)) return rawOfStrings(data.map(text => Buffer.from(text)));
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  return Buffer.from(new Uint8Array(buffer, byteOffset, byteLength));
}
