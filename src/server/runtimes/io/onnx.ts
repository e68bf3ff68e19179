import { closeSync, openSync } from 'node:fs';
import type * as ort from 'onnxruntime-node';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type AppError, failure, messageOf } from '#base';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Datatype, Tensor } from '../../tensors/tensor.ts';
import { type OnnxHeader, readHeader } from '../onnx/header.ts';
import type { LoadedModel, LoadOptions, Runtime } from '../port.ts';
import { fileSource } from './file-source.ts';

type Ort = typeof ort;

const ortTypes: Readonly<Record<Datatype, OrtTensor.Type>> = {
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

/** ONNX models in this process, by ONNX Runtime. */
export const onnxRuntime: Runtime = {
  platform: 'onnxruntime_onnxv1',
  async load(path, options) {
    const header = headerOf(path);
    const library = await loadLibrary();
    return new OnnxModel(library, await openSession(library, path, options), header);
  },
};

function headerOf(path: string): OnnxHeader {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
  try {
    const header = readHeader(fileSource(descriptor));
    if (header.ok) return header.value;
    throw headerFailure(path, header.error);
  } finally {
    closeSync(descriptor);
  }
}

function headerFailure(
  path: string,
  fault: Extract<ReturnType<typeof readHeader>, { ok: false }>['error'],
): AppError {
  const { problem } = fault;
  if (fault.kind === 'invalid') return failure('model_invalid', { path, problem });
  return failure('model_unsupported', { path, problem, remedy: fault.remedy });
}

async function loadLibrary(): Promise<Ort> {
  try {
    return await import('onnxruntime-node');
  } catch (error: unknown) {
    throw failure(
      'runtime_missing',
      { runtime: 'onnx', problem: messageOf(error).split('\n')[0] ?? '' },
      error,
    );
  }
}

async function openSession(library: Ort, path: string, { threads }: LoadOptions): Promise<InferenceSession> {
  try {
    return await library.InferenceSession.create(path, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Spinning threads fight with the event loop for the same cores.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      // Failures are thrown; said on stderr as well, they would break the log's lines of JSON.
      logSeverityLevel: 4,
    });
  } catch (error: unknown) {
    throw failure('model_invalid', { path, problem: sentenceOf(error) }, error);
  }
}

/** What ONNX Runtime threw, in one line and without the places of its own source files. */
function sentenceOf(error: unknown): string {
  const lines = messageOf(error).split('\n');
  const text = lines.map(line => line.trim()).filter(line => line !== '');
  return text.join(' ').replaceAll(/\/onnxruntime_src\/\S+:\d+ /g, '');
}

class OnnxModel implements LoadedModel {
  readonly place = 'inline';
  readonly width = 1;
  readonly signature: LoadedModel['signature'];
  readonly #library: Ort;
  readonly #session: InferenceSession;

  constructor(library: Ort, session: InferenceSession, { inputs, outputs, freeRows }: OnnxHeader) {
    this.#library = library;
    this.#session = session;
    this.signature = { inputs, outputs, batched: freeRows };
  }

  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    const feeds: Record<string, OrtTensor> = {};
    for (const [index, spec] of this.signature.inputs.entries()) {
      const input = inputs[index];
      if (input !== undefined) feeds[spec.name] = toOrt(this.#library, input);
    }
    let answers: InferenceSession.OnnxValueMapType;
    try {
      answers = await this.#session.run(feeds);
    } catch (error: unknown) {
      throw failure('inference_failed', { problem: sentenceOf(error) }, error);
    }
    return this.signature.outputs.map(({ name, datatype }) => fromOrt(answers[name], datatype));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * FP16 goes in as a uint16 tensor with its type changed: from Node 24 on, the library makes a Float16Array of it,
 * which its native half cannot read ("not enough space").
 */
function toOrt(library: Ort, { datatype, shape, data }: Tensor): OrtTensor {
  if (data instanceof ByteStrings) return new library.Tensor('string', textsOf(data), shape);
  if (datatype !== 'FP16') return new library.Tensor(ortTypes[datatype], data, shape);
  const tensor = new library.Tensor('uint16', data as Uint16Array, shape);
  return Object.assign(tensor, { type: 'float16' } as const);
}

/** The library takes text, and hands it over as C strings, which would end at a NUL without a word. */
function textsOf(strings: ByteStrings): string[] {
  return Array.from({ length: strings.length }, (_, index) => {
    const text = strings.text(index);
    if (text?.includes('\0') === false) return text;
    const problem = text === undefined ? 'is not UTF-8' : 'holds a NUL character';
    throw failure('input_invalid', {
      problem: `element ${index} of a string input ${problem}, which ONNX Runtime's Node binding cannot take`,
      at: ['inputs'],
    });
  });
}

function fromOrt(tensor: OrtTensor | undefined, datatype: Datatype): Tensor {
  if (tensor === undefined) throw failure('inference_failed', { problem: 'the model left out an output' });
  return { datatype, shape: tensor.dims, data: dataOf(tensor, datatype) };
}

function dataOf({ data }: OrtTensor, datatype: Datatype): Tensor['data'] {
  if (datatype === 'BYTES') return ByteStrings.of(data as string[]);
  return datatype === 'FP16' ? halfBits(data) : (data as Exclude<Tensor['data'], ByteStrings>);
}

function halfBits(data: OrtTensor['data']): Uint16Array {
  const { buffer, byteOffset, length } = data as Uint16Array<ArrayBuffer>;
  return new Uint16Array(buffer, byteOffset, length);
}
