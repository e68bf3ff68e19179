import { type AppError, failure } from '#base';
import { invalid, type Signature } from '../../../models/signature.ts';
import type { Tensor } from '../../../tensors/tensor.ts';
import type { Instance, Ran } from '../../port.ts';
import { type Frame, frameKinds, runFrame, textFrame } from '../frames.ts';
import { loadText, type PythonModel } from '../python-model.ts';
import { WorkerProcess } from './worker-process.ts';

export interface InstanceOptions {
  readonly path: string;
  readonly model: PythonModel;
  readonly threads: number;
  readonly onLine: (line: string) => void;
  /** Says that the model is closed: what is still being loaded is ended. */
  readonly signal: AbortSignal;
}

/** For libraries to be imported and the model to be read. Milliseconds. */
const MOST_LOAD_MS = 600_000;

/** For a process to end once its socket is closed. Milliseconds. */
const MOST_END_MS = 3000;

/** A model in a process of Python. */
export class PythonInstance implements Instance {
  readonly #options: InstanceOptions;
  readonly #process: WorkerProcess;
  #signature: Signature = { inputs: [], outputs: [], batched: false };
  #buildMs = 0;
  #isLoaded = false;
  #asked: PromiseWithResolvers<Frame> | undefined;
  /** Of the last question; its answer repeats it. */
  #sequence = 0;
  #problem = 'it ended';
  #onDeath: (problem: string) => void = () => {};

  private constructor(options: InstanceOptions) {
    const { model, threads, onLine } = options;
    this.#options = options;
    this.#process = new WorkerProcess({ interpreter: model.interpreter, threads, onLine });
    this.#process.watch(
      frame => this.#settle(frame),
      (problem, lastWords) => this.#die(problem, lastWords),
    );
  }

  /**
   * With the model loaded, or dead of loading it. Throws `interpreter_missing`, `package_missing`, `requirement_invalid`,
   * `model_unsafe` or `model_invalid`.
   */
  static async open(options: InstanceOptions): Promise<PythonInstance> {
    const instance = new PythonInstance(options);
    const { signal } = options;
    const end = (): void => instance.#process.kill('the model was closed before it was loaded');
    signal.addEventListener('abort', end, { once: true });
    try {
      await instance.#load();
    } catch (error: unknown) {
      if (!instance.alive && !instance.#neverStarted) return instance;
      void instance.leave();
      throw instance.#neverStarted ? instance.#missing : error;
    } finally {
      signal.removeEventListener('abort', end);
    }
    return instance;
  }

  get signature(): Signature {
    return this.#signature;
  }

  get buildMs(): number {
    return this.#buildMs;
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  get death(): Error {
    return failure('inference_failed', { problem: `the process that ran the model died: ${this.#problem}` });
  }

  watch(onDeath: (problem: string) => void): void {
    this.#onDeath = onDeath;
  }

  /** Strings as they are, numbers as views of what came through the socket. */
  async run(inputs: readonly Tensor[], traces: readonly string[] = []): Promise<Ran> {
    const { runMs } = this.#options.model;
    const frame = await this.#ask(runFrame(frameKinds.run, ++this.#sequence, inputs, traces), {
      mostMs: runMs,
      late: `it ran for more than ${runMs / 1000} s, and was ended`,
    });
    return { outputs: frame.tensors, ms: frame.micros / 1000 };
  }

  leave(): Promise<void> {
    return this.#process.close(MOST_END_MS);
  }

  async #load(): Promise<void> {
    const { model, path, threads } = this.#options;
    const since = performance.now();
    const { text } = await this.#ask(
      textFrame(frameKinds.load, ++this.#sequence, loadText(model, path, threads)),
      {
        mostMs: MOST_LOAD_MS,
        late: `it was not loaded within ${MOST_LOAD_MS / 1000} seconds`,
      },
    );
    this.#signature = JSON.parse(text) as Signature;
    this.#isLoaded = true;
    this.#buildMs = performance.now() - since;
  }

  /** Asks, and waits for the answer; a process that takes longer is ended. */
  async #ask(
    pieces: readonly Uint8Array[],
    { mostMs, late }: { readonly mostMs: number; readonly late: string },
  ): Promise<Frame> {
    if (!this.alive) throw this.death;
    const asked = Promise.withResolvers<Frame>();
    this.#asked = asked;
    this.#process.write(pieces);
    const timer = setTimeout(() => this.#process.kill(late), mostMs);
    try {
      const frame = await asked.promise;
      if (frame.kind === frameKinds.failed) throw this.#failureIn(frame);
      return frame;
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(frame: Frame): void {
    const asked = this.#asked;
    if (asked === undefined || frame.sequence !== this.#sequence)
      return this.#process.kill('it answered what was not asked');
    this.#asked = undefined;
    asked.resolve(frame);
  }

  #die(problem: string, lastWords: string | undefined): void {
    const whole = lastWords === undefined ? problem : `${problem}: ${lastWords}`;
    // Whoever asks a model that is loaded may be a stranger, and what it wrote last may be about another.
    this.#problem = this.#isLoaded ? problem : whole;
    this.#asked?.reject(this.death);
    this.#asked = undefined;
    this.#onDeath(whole);
  }

  get #neverStarted(): boolean {
    return this.#process.pid === undefined;
  }

  get #missing(): AppError {
    const { interpreter, requirements: packages } = this.#options.model;
    return failure('interpreter_missing', { interpreter, problem: this.#problem, packages });
  }

  /** What the worker said, as worker/fairlead/problems.py words it. */
  #failureIn({ text }: Frame): Error {
    const { code, facts } = JSON.parse(text) as { code: string; facts: Facts };
    const { problem, interpreter = this.#options.model.interpreter } = facts;
    const { path, model } = this.#options;
    if (code === 'package_missing')
      return failure(code, { interpreter, problem, packages: facts.packages ?? [] });
    if (code === 'requirement_invalid')
      return failure(code, { requirement: facts.requirement ?? '', problem });
    if (code === 'model_unsafe') return failure(code, { path, problem });
    if (code === 'model_invalid') return failure(code, { path, problem, format: model.loader });
    if (code === 'input_invalid') return invalid(problem, []);
    return failure('inference_failed', { problem });
  }
}

interface Facts {
  readonly problem: string;
  readonly interpreter?: string;
  readonly packages?: readonly string[];
  readonly requirement?: string;
}
