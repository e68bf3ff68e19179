import type * as ort from 'onnxruntime-node';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { failure, messageOf } from '#base';
import type { Provider } from '../../models/settings.ts';
import type { Signature } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Datatype, Tensor } from '../../tensors/tensor.ts';
import type { LoadOptions } from '../port.ts';
import { Stopwatch, type ThreadClocks } from '../stopwatch.ts';

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

/** Loads ONNX Runtime, once for each thread. Throws `runtime_missing`. */
export async function loadLibrary(): Promise<Ort> {
  try {
    const library = await import('onnxruntime-node');
    // Failures are thrown; said on stderr as well, they would break the log's lines of JSON.
    library.env.logLevel = 'fatal';
    return library;
  } catch (error: unknown) {
    throw failure(
      'runtime_missing',
      { runtime: 'onnx', problem: messageOf(error).split('\n')[0] ?? '' },
      error,
    );
  }
}

/** What a session is built from. */
export interface SessionSource {
  readonly path: string;
  readonly options: LoadOptions;
  readonly signature: Signature;
}

/** One session of ONNX Runtime, on the thread that made it: a run holds that thread until it has ended. */
export class OnnxSession {
  readonly signature: Signature;
  readonly #library: Ort;
  readonly #session: InferenceSession;
  readonly #stopwatch: Stopwatch;
  #lastMs = 0;

  private constructor(library: Ort, session: InferenceSession, { signature, options }: SessionSource) {
    this.#library = library;
    this.#session = session;
    this.signature = signature;
    this.#stopwatch = new Stopwatch(options.provider === 'cpu' ? computing : passing);
  }

  /** Throws `model_invalid`, `runtime_missing` or `provider_missing`. */
  static async open(source: SessionSource): Promise<OnnxSession> {
    const library = await loadLibrary();
    return new OnnxSession(library, await openSession(library, source), source);
  }

  /** Milliseconds of the last run, from when the library began; those in which its thread had a core, where that is known. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** Inputs and outputs in the signature's order. Throws `inference_failed` or `input_invalid`. */
  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    const { outputs } = this.signature;
    const answers = await this.#infer(this.#feeds(inputs));
    return outputs.map(({ name, datatype }) => fromOrt(answers[name], datatype));
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #feeds(inputs: readonly Tensor[]): Record<string, OrtTensor> {
    // Without a prototype, an input may have any name.
    const feeds = Object.create(null) as Record<string, OrtTensor>;
    for (const [index, spec] of this.signature.inputs.entries()) {
      const input = inputs[index];
      if (input !== undefined) feeds[spec.name] = toOrt(this.#library, input);
    }
    return feeds;
  }

  async #infer(feeds: Record<string, OrtTensor>): Promise<InferenceSession.OnnxValueMapType> {
    // The library runs in the immediate that it asks for next, however long the loop takes to come to that. Inputs that it
    // refuses at once have no time.
    setImmediate(this.#start);
    try {
      return await this.#session.run(feeds);
    } catch (error: unknown) {
      throw failure('inference_failed', { problem: sentenceOf(error) }, error);
    } finally {
      this.#lastMs = this.#stopwatch.stop();
    }
  }

  readonly #start = (): void => this.#stopwatch.start();
}

/** Where others than this thread compute, only the wall tells. */
const passing: ThreadClocks = { now: () => performance.now(), computed: () => performance.now() };

const computing: ThreadClocks = {
  now: () => performance.now(),
  computed() {
    // Node before 23.9 does not tell.
    if (typeof process.threadCpuUsage !== 'function') return performance.now();
    // Linux brings a thread's count up to date at its ticks, some milliseconds apart, and whenever the process is asked for all of it.
    process.cpuUsage();
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
};

async function openSession(library: Ort, { path, options }: SessionSource): Promise<InferenceSession> {
  const { provider } = options;
  const there = library.listSupportedBackends().map(({ name }) => name);
  if (!there.includes(provider)) throw missing(provider, 'this build of it has no such provider', there);
  try {
    return await create(library, path, options, there);
  } catch (error: unknown) {
    const problem = sentenceOf(error);
    // What opens by the CPU is a sound model.
    if (provider !== 'cpu' && (await opens(library, path))) throw missing(provider, problem, there, error);
    throw failure('model_invalid', { path, problem }, error);
  }
}

function create(
  library: Ort,
  path: string,
  { threads, provider, arena = true }: LoadOptions,
  there: readonly string[],
): Promise<InferenceSession> {
  return library.InferenceSession.create(path, {
    executionProviders: providersOf(provider, there),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Spinning threads fight with the event loop for the same cores.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 4,
    enableCpuMemArena: arena,
    enableMemPattern: arena,
  });
}

/** What TensorRT has no kernel for is CUDA's, where it is there. */
function providersOf(provider: Provider, there: readonly string[]): string[] {
  return provider === 'tensorrt' && there.includes('cuda') ? ['tensorrt', 'cuda'] : [provider];
}

async function opens(library: Ort, path: string): Promise<boolean> {
  try {
    const session = await create(library, path, { threads: 1, provider: 'cpu' }, ['cpu']);
    await session.release();
    return true;
  } catch {
    return false;
  }
}

function missing(provider: Provider, problem: string, there: readonly string[], cause?: unknown): Error {
  return failure('provider_missing', { provider, problem, there: there.join(', ') }, cause);
}

/** What ONNX Runtime threw, in one line and without the places of its own source files. */
function sentenceOf(error: unknown): string {
  const lines = messageOf(error).split('\n');
  const text = lines.map(line => line.trim()).filter(line => line !== '');
  return text.join(' ').replaceAll(/\/onnxruntime_src\/\S+:\d+ /g, '');
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
