import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FEW_ARENAS } from '../../../src/local/io/server-process.ts';
import { root } from '../../programs/fairlead.ts';
import type { Place } from '../clients/place.ts';
import { writeModels } from '../models/layout.ts';
import type { Told, Usage, Wish } from './messages.ts';

const HOST = fileURLToPath(new URL('host.ts', import.meta.url));
const THREAD_FAULT = new URL('thread-fault.ts', import.meta.url).href;

const STARTS_MS = 30_000;

/** More than its grace. Milliseconds. */
const STOPS_MS = 20_000;

/** Lines that say why it does not start. */
const MOST_SAID = 20;

/** However busy it is. Milliseconds. */
const TELLS_MS = 10_000;

/** The server under test, in a process of its own. */
export class Hosted {
  readonly place: Place;
  /** Of its models. */
  readonly folder: string;
  readonly child: ChildProcess;
  readonly #asked = new Map<number, (told: Told) => void>();
  #count = 0;

  /** Starts it and waits until its models are loaded. `onLine` gets what it says on stderr. */
  static async start(onLine: (line: string) => void): Promise<Hosted> {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-soak-'));
    writeModels(folder, join(root, 'examples', 'digits', 'models', 'digits'));
    // A group of its own: Ctrl-C is for the soak, which then stops it.
    const child = spawn(process.execPath, ['--conditions=source', `--import=${THREAD_FAULT}`, HOST, folder], {
      cwd: root,
      // As `fairlead up` has it.
      env: { ...FEW_ARENAS, ...process.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    const said: string[] = [];
    const hear = (line: string): void => {
      if (said.length < MOST_SAID) said.push(line);
      onLine(line);
    };
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', hear);
    try {
      const line = await firstLine(child, said);
      return new Hosted(child, folder, JSON.parse(line) as Place);
    } catch (error: unknown) {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(child: ChildProcess, folder: string, place: Place) {
    this.child = child;
    this.folder = folder;
    this.place = place;
    child.on('message', (told: Told) => {
      this.#asked.get(told.id)?.(told);
      this.#asked.delete(told.id);
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async usage(): Promise<Usage> {
    const { usage } = await this.#ask('usage');
    if (usage === undefined) throw new Error('the server did not tell what it uses');
    return usage;
  }

  /** Ends one of its threads; gives the thread's name, empty when it has none. */
  async killThread(): Promise<string> {
    return (await this.#ask('kill thread')).killed ?? '';
  }

  #ask(wish: Wish): Promise<Told> {
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(new Error(`the server did not answer '${wish}' in ${TELLS_MS / 1000} s`));
      }, TELLS_MS);
      this.#asked.set(id, told => {
        clearTimeout(timer);
        resolve(told);
      });
      this.child.send({ id, wish }, error => error === null || reject(error));
    });
  }

  /** Ends it as a service manager does. Gives its exit code, or the signal that it took. */
  async stop(): Promise<string> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOPS_MS);
    if (!this.ended) {
      const exit = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await exit;
    }
    clearTimeout(timer);
    rmSync(this.folder, { recursive: true, force: true });
    return String(this.child.exitCode ?? this.child.signalCode);
  }
}

async function firstLine({ stdout }: ChildProcess, said: readonly string[]): Promise<string> {
  if (stdout === null) throw new Error('the server has no output');
  const lines = createInterface({ input: stdout });
  const line = once(lines, 'line', { signal: AbortSignal.timeout(STARTS_MS) });
  const closed = once(lines, 'close').then(() => {
    throw new Error(`the server did not start: ${said.join(' ')}`);
  });
  const [first] = (await Promise.race([line, closed])) as [string];
  closed.catch(() => undefined);
  return first;
}
