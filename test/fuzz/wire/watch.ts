import { Agent, request } from 'node:http';
import type { FuzzServer } from './server.ts';
import { stderrFault } from './stderr.ts';
import { cpuSecondsOf, memoryFault, residentMib } from './usage.ts';

const SAMPLE_MS = 500;

/** So long may no request wait for the event loop. Milliseconds. */
const MOST_STALL_MS = 1000;

/** However busy the machine is with others. Milliseconds. */
const MOST_WAIT_MS = 8000;

/** Of a server while it was fuzzed. MiB. */
export interface Memory {
  readonly most: number;
  /** From the start to the end, in equal steps. */
  readonly course: readonly number[];
}

/** Of the course. */
const STEPS = 10;

/** Looks at a server while it is fuzzed: whether it lives, answers at once, and keeps its memory and its words. */
export class Watch {
  readonly #server: FuzzServer;
  readonly #onFault: (problem: string) => void;
  readonly #samples: number[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #timer: NodeJS.Timeout;
  #asking = false;
  #read = 0;
  #stopped = false;

  constructor(server: FuzzServer, onFault: (problem: string) => void) {
    this.#server = server;
    this.#onFault = onFault;
    server.program.child.once('exit', (code, signal) => {
      if (!this.#stopped)
        onFault(`the server ended with ${String(code ?? signal)}: ${lastWords(server.program.stderr())}`);
    });
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS);
  }

  /** Looks for the last time. */
  stop(): Memory {
    this.#look();
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#agent.destroy();
    const fault = memoryFault(this.#samples);
    if (fault !== undefined) this.#onFault(fault);
    const at = (step: number): number =>
      this.#samples[Math.round((step * (this.#samples.length - 1)) / STEPS)] ?? 0;
    return {
      most: Math.max(...this.#samples),
      course: Array.from({ length: STEPS + 1 }, (_, step) => at(step)),
    };
  }

  #look(): void {
    this.#samples.push(residentMib(this.#server.pid));
    const line = stderrFault(this.#newLines());
    if (line !== undefined) this.#onFault(`it said on stderr: ${line}`);
    if (!this.#asking) void this.#ask();
  }

  /** What it has said since this was last asked, in whole lines. */
  #newLines(): string {
    const text = this.#server.program.stderr();
    const end = text.lastIndexOf('\n') + 1;
    const lines = text.slice(this.#read, end);
    this.#read = end;
    return lines;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    const start = performance.now();
    const before = cpuSecondsOf(this.#server.pid);
    await this.#answered();
    const ms = performance.now() - start;
    const cpuMs = (cpuSecondsOf(this.#server.pid) - before) * 1000;
    this.#asking = false;
    // A process that did not get the processor was not stalled by what it was sent.
    const isStall = ms > MOST_STALL_MS && cpuMs > MOST_STALL_MS && cpuMs > ms * 0.8;
    if (this.#stopped || !(isStall || ms > MOST_WAIT_MS)) return;
    this.#onFault(
      `/health/live took ${Math.round(ms)} ms, in which the server was busy for ${Math.round(cpuMs)} ms`,
    );
  }

  #answered(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { httpPort: port } = this.#server;
    const asked = request({ host: '127.0.0.1', port, path: '/health/live', agent: this.#agent }, response => {
      response.resume();
      response.on('close', resolve);
    });
    asked.setTimeout(MOST_WAIT_MS + 1000, () => asked.destroy());
    asked.on('error', () => resolve());
    asked.end();
    return promise;
  }
}

/** What it said that is no line of its log. */
function lastWords(stderr: string): string {
  return stderr
    .split('\n')
    .filter(line => !line.startsWith('{'))
    .join('\n');
}
