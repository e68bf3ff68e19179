import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Lines } from '#base';
import { Chatter } from '../chatter.ts';
import { type Frame, FrameReader } from '../frames.ts';

/** In a bundle, the worker's folder lies beside this file. */
const WORKER = join(import.meta.dirname, import.meta.url.endsWith('.ts') ? '../worker' : 'python');

/** The descriptors of the worker: of the socket, and of what closes when its guardian is to end all. */
const SOCKET = 3;
const LIFELINE = 4;

/** A guardian that does not end by then is ended. Milliseconds. */
const GUARDIAN_MS = 4000;

/** Of tensors in one frame. Bytes. */
const MOST_BYTES = 2 ** 31;

/** A process whose socket is closed gets so long to end. Milliseconds. */
const UNHEARD_MS = 250;

/** A longer line is of no use in a log. Characters. */
const LONGEST_LINE = 2000;

export interface WorkerOptions {
  readonly interpreter: string;
  /** Threads that its libraries may use. */
  readonly threads: number;
  /** Called with each line that the model writes to stdout or stderr. */
  readonly onLine: (line: string) => void;
}

/** Those that have not ended. */
const living = new Set<ChildProcess>();

/** A guardian sees for itself that the server ends. What is no guardian yet, or never will be, is told. */
process.on('exit', () => living.forEach(child => signalGroup(child, 'SIGTERM')));

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has ended.
  }
}

/**
 * A process of Python that runs the worker, and the socket to it. The worker is a child of that process, which leads a group of
 * its own and is its guardian (worker/fairlead/guardian.py): it ends as the worker ends, and with it whatever that has started;
 * and both end when this process is gone, however it went.
 */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #socket: Duplex;
  readonly #lifeline: Duplex;
  readonly #chatter = new Chatter();
  #onFrame: (frame: Frame) => void = () => {};
  #onEnd: (problem: string, lastWords: string | undefined) => void = () => {};
  #problem: string | undefined;
  /** It may say why the process ended. */
  #lastLine: string | undefined;
  #alive = true;
  #isKilled = false;
  #isClosing = false;

  constructor({ interpreter, threads, onLine }: WorkerOptions) {
    this.#child = spawn(interpreter, [WORKER], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment(threads) },
    });
    living.add(this.#child);
    this.#socket = this.#child.stdio[SOCKET] as Duplex;
    this.#lifeline = this.#child.stdio[LIFELINE] as Duplex;
    this.#lifeline.on('error', () => undefined);
    const reader = new FrameReader(MOST_BYTES, frame => this.#onFrame(frame));
    this.#socket.on('data', (piece: Buffer) => this.#read(reader, piece));
    // It shows as the end of the process.
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', () => this.#unheard());
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#listen(stream, onLine);
    this.#child.once('error', error => this.#end(error.message));
    this.#child.once('exit', (code, signal) => this.#end(this.#whyEnded(code, signal)));
  }

  /** What is to be ended takes no more questions. */
  get alive(): boolean {
    return this.#alive && !this.#isKilled;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What is called with each frame, and once at its end with the reason and the last line that it wrote. */
  watch(
    onFrame: (frame: Frame) => void,
    onEnd: (problem: string, lastWords: string | undefined) => void,
  ): void {
    this.#onFrame = onFrame;
    this.#onEnd = onEnd;
  }

  /** Writes the pieces of a frame, one after the other and none of them joined. */
  write(pieces: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  /** Lets it end by itself, within so many milliseconds. */
  async close(mostMs: number): Promise<void> {
    if (!this.#alive) return;
    this.#isClosing = true;
    const ended = Promise.withResolvers<void>();
    this.#child.once('exit', () => ended.resolve());
    this.#socket.end();
    const timer = setTimeout(() => this.kill('it did not end when it was told to'), mostMs);
    await ended.promise;
    clearTimeout(timer);
  }

  /** Ends it, and whatever it has started. */
  kill(problem: string): void {
    this.#problem ??= problem;
    if (this.#isKilled || !this.#alive) return;
    this.#isKilled = true;
    this.#lifeline.destroy();
    setTimeout(() => this.#alive && signalGroup(this.#child, 'SIGKILL'), GUARDIAN_MS).unref();
  }

  /** Its socket is closed. Mostly the process has ended, and says itself of what. */
  #unheard(): void {
    if (this.#isClosing || !this.#alive) return;
    setTimeout(() => this.#alive && this.kill('it closed its socket'), UNHEARD_MS).unref();
  }

  #read(reader: FrameReader, piece: Buffer): void {
    try {
      reader.push(piece);
    } catch (error: unknown) {
      this.kill(`it said what cannot be understood: ${String(error)}`);
    }
  }

  #listen(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
    const lines = new Lines();
    const take = (line: string): void => {
      if (line.trim() === '') return;
      const short = line.slice(0, LONGEST_LINE);
      this.#lastLine = short;
      for (const one of this.#chatter.hear(short, performance.now())) onLine(one);
    };
    stream?.on('data', (bytes: Buffer) => lines.push(bytes).forEach(take));
    stream?.on('close', () => lines.end().forEach(take));
  }

  #whyEnded(code: number | null, signal: NodeJS.Signals | null): string {
    if (signal === 'SIGKILL') return 'it was killed, by the system if it took too much memory';
    return signal === null ? `it exited with ${code}` : `it was ended by ${signal}`;
  }

  #end(problem: string): void {
    if (!this.#alive) return;
    const lastWords = this.#problem === undefined ? this.#lastLine : undefined;
    this.#problem ??= problem;
    this.#alive = false;
    living.delete(this.#child);
    // What a guardian left that was ended itself.
    signalGroup(this.#child, 'SIGKILL');
    this.#lifeline.destroy();
    this.#socket.destroy();
    this.#onEnd(this.#problem, lastWords);
  }
}

/** Libraries of linear algebra read how many threads they may use when they are loaded. */
function environment(threads: number): Record<string, string> {
  // The folder of a model is not this process' to write to.
  const own = { PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const counts = ['OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'];
  return { ...own, ...Object.fromEntries(counts.map(name => [name, String(threads)])) };
}
