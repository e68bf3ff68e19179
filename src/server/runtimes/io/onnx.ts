import { closeSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type AppError, failure, messageOf } from '#base';
import type { Signature } from '../../models/signature.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { type OnnxHeader, readHeader } from '../onnx/header.ts';
import type { LoadedModel, LoadOptions, Runtime } from '../port.ts';
import { fileSource } from './file-source.ts';
import { openThreads } from './model-threads.ts';
import { loadLibrary, OnnxSession } from './onnx-session.ts';

/** ONNX models in this process, by ONNX Runtime. */
export const onnxRuntime: Required<Runtime> = {
  platform: 'onnxruntime_onnxv1',
  load: (path, options) => InlineModel.open(path, options),
  beside: {
    place: 'threads',
    async weigh(path) {
      const { externalFiles } = headerOf(path);
      await loadLibrary();
      return [path, ...externalFiles.map(name => join(dirname(path), name))]
        .map(bytesOf)
        .reduce((sum, bytes) => sum + bytes, 0);
    },
    spawn: (path, options) => openThreads({ path, signature: signatureOf(headerOf(path)), options }),
  },
};

/** A model on the event loop. */
class InlineModel implements LoadedModel {
  readonly place = 'inline';
  readonly width = 1;
  readonly #session: OnnxSession;

  private constructor(session: OnnxSession) {
    this.#session = session;
  }

  static async open(path: string, options: LoadOptions): Promise<InlineModel> {
    return new InlineModel(await OnnxSession.open({ path, options, signature: signatureOf(headerOf(path)) }));
  }

  get signature(): Signature {
    return this.#session.signature;
  }

  get lastMs(): number {
    return this.#session.lastMs;
  }

  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    return this.#session.run(inputs);
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}

function signatureOf({ inputs, outputs, freeRows }: OnnxHeader): Signature {
  return { inputs, outputs, batched: freeRows };
}

/** What is not there is named by the attempt to load it. */
function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

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
