/** One version that is loaded again and again, each time from another file, while clients ask over HTTP and gRPC. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type InferReply, Rpc } from '../conformance/rpc.ts';
import { modelBytes, modelName, numberOf, writeModels } from './models.ts';
import { residentBytes, type Started, startSubject } from './start-subject.ts';
import { Asking } from './traffic.ts';

export interface ReloadOptions {
  readonly reloads: number;
  /** Half of them over HTTP, half over gRPC. */
  readonly clients: number;
  /** Bytes of the model. */
  readonly size: number;
}

export interface Reloaded {
  readonly answered: number;
  /** What went wrong, of requests and of reloads. */
  readonly faults: readonly string[];
  /** Bytes that the server held after the first reloads, and after all of them. */
  readonly resident: readonly [number, number];
}

/** Reloads after which a server has what it needs to reload. */
const FIRST = 5;

/** Throws when the server does not start. */
export async function reloadUnderLoad(options: ReloadOptions): Promise<Reloaded> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-reload-'));
  try {
    const models = writeModels(folder, 1, options.size);
    const subject = await startSubject(folder, { models, control: true });
    try {
      return await new Reloading(subject, String(models[0]?.path)).run(options);
    } finally {
      await subject.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks for the number at the first position, which tells the file that answered. */
type Ask = () => Promise<number>;

class Reloading {
  readonly #subject: Started;
  readonly #path: string;
  readonly #faults: string[] = [];
  #answered = 0;
  /** Files that have been put in place. */
  #latest = 0;
  #over = false;

  constructor(subject: Started, path: string) {
    this.#subject = subject;
    this.#path = path;
  }

  async run({ reloads, clients, size }: ReloadOptions): Promise<Reloaded> {
    const asking = new Asking(this.#subject.http, clients + 1);
    const rpc = new Rpc(this.#subject.grpc, { 'grpc.enable_retries': 0 });
    const asks = Array.from({ length: clients }, (_, index) =>
      index % 2 === 0 ? overHttp(asking) : overRpc(rpc),
    );
    const all = Promise.all(asks.map(ask => this.#client(ask)));
    let early = Number.NaN;
    for (let reload = 1; reload <= reloads; reload++) {
      await this.#reload(asking, size);
      if (reload === Math.min(FIRST, reloads)) early = residentBytes(this.#subject.pid);
    }
    this.#over = true;
    await all;
    const resident = [early, residentBytes(this.#subject.pid)] as const;
    asking.close();
    rpc.close();
    return { answered: this.#answered, faults: this.#faults, resident };
  }

  /** Puts another file in the place of the one that is served, and has it loaded. */
  async #reload(asking: Asking, size: number): Promise<void> {
    this.#latest++;
    writeFileSync(`${this.#path}.next`, modelBytes(this.#latest, size));
    renameSync(`${this.#path}.next`, this.#path);
    const { status, text } = await asking.post(`/v2/repository/models/${modelName(0)}/load`, '');
    if (status !== 200) this.#faults.push(`reload ${this.#latest}: ${status} ${text}`);
  }

  /** Never hears of an older file than before. */
  async #client(ask: Ask): Promise<void> {
    let before = 0;
    while (!this.#over) {
      try {
        const file = numberOf(await ask());
        if (file < before || file > this.#latest)
          this.#faults.push(`file ${file} answers after ${before}, of ${this.#latest}`);
        before = file;
        this.#answered++;
      } catch (error: unknown) {
        this.#faults.push(String(error));
      }
    }
  }
}

function overHttp(asking: Asking): Ask {
  const body = '{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[0]}]}';
  return async () => {
    const { status, text } = await asking.post(`/v2/models/${modelName(0)}/infer`, body);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return Number((JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data[0]);
  };
}

function overRpc(rpc: Rpc): Ask {
  const contents = { int64_contents: [0] };
  const inputs = [{ name: 'x', datatype: 'INT64', shape: [1], contents }];
  return async () => {
    const reply = await rpc.call<InferReply>('ModelInfer', { model_name: modelName(0), inputs });
    return reply.raw_output_contents[0]?.readFloatLE() ?? Number.NaN;
  };
}
