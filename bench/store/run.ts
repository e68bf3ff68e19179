/**
 * What a pull of a large model costs: throughput beside the providers' own commands and curl, CPU, memory; what is sent
 * again after a kill; what a second pull and a verification cost; and what ten processes at once have sent.
 *
 *   node scripts/run.mjs bench/store/run.ts [--quick] [--only http,s3,oci,gs,az] [--parts speed,resume,cached,together]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '#base';
import { endChildrenWithUs } from '../measure/children.ts';
import { runProgram } from '../measure/program.ts';
import { spreadOf } from '../measure/statistics.ts';
import { type Artifact, makeArtifact } from './artifact.ts';
import { pull } from './fairlead.ts';
import { mustRun } from './measured.ts';
import { blobService } from './origins/az.ts';
import { cloudStorage } from './origins/gs.ts';
import { fileServer } from './origins/http.ts';
import { registry } from './origins/oci.ts';
import { Absent, type Laid, type Origin } from './origins/origin.ts';
import { s3Server } from './origins/s3.ts';
import { type Plan, readPlan, type Scheme, usage } from './plan.ts';
import { cached, resume, together } from './promises.ts';
import { type Findings, promises, renderReport } from './report.ts';
import { timeAll } from './speed.ts';

const openers: Readonly<Record<Scheme, (folder: string) => Origin | Promise<Origin>>> = {
  http: fileServer,
  s3: folder => s3Server(process.env, folder),
  oci: () => registry(process.env),
  gs: () => cloudStorage(process.env),
  az: () => blobService(process.env),
};

async function main(plan: Plan): Promise<void> {
  endChildrenWithUs();
  const load = loadavg()[0] ?? 0;
  const folder = mkdtempSync(join(process.env['FAIRLEAD_BENCH_DIR'] ?? tmpdir(), 'fairlead-store-'));
  const all: Findings[] = [];
  const notes: string[] = [];
  try {
    const bench = new Bench(plan, folder);
    for (const scheme of plan.only) {
      const found = await bench.measure(scheme).catch(absence);
      if (typeof found === 'string') notes.push(`Skipped: ${scheme}, ${found}.`);
      else all.push(found);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const report = renderReport(all, [...notes, footnote(plan, load)]);
  process.stdout.write(`${report}\n`);
  if (plan.json !== undefined) writeFileSync(plan.json, JSON.stringify({ plan, all, notes }));
  if (!plan.quick && promises(all).some(({ holds }) => !holds)) process.exitCode = 1;
}

/** The reason that a server cannot be had. */
function absence(error: unknown): string {
  if (error instanceof Absent) return error.message;
  throw error;
}

class Bench {
  readonly #plan: Plan;
  readonly #folder: string;
  /** By their size, made when they are first asked for. */
  readonly #artifacts = new Map<number, Promise<Artifact>>();

  constructor(plan: Plan, folder: string) {
    this.#plan = plan;
    this.#folder = folder;
  }

  async measure(scheme: Scheme): Promise<Findings> {
    const served = join(this.#folder, 'served');
    mkdirSync(served, { recursive: true });
    const origin = await openers[scheme](served);
    const size = Math.min(this.#plan.size, origin.most ?? Number.POSITIVE_INFINITY);
    process.stderr.write(`bench: ${origin.name}, ${size / 2 ** 20} MiB\n`);
    try {
      const shared = Math.min(this.#plan.shared, origin.most ?? Number.POSITIVE_INFINITY);
      const findings = { origin: origin.name, size, shared, samples: [] };
      const idle = this.#asks('speed') ? await this.#laid(origin, 1024, laid => this.#idle(laid)) : {};
      const large = await this.#laid(origin, size, (laid, artifact) => this.#large(laid, artifact));
      const at = this.#asks('together')
        ? { together: await this.#laid(origin, shared, laid => together(laid, shared, this.#folder)) }
        : {};
      return { ...findings, ...idle, ...large, ...at };
    } finally {
      await origin.stop?.();
      rmSync(served, { recursive: true, force: true });
    }
  }

  async #large(laid: Laid, { size, path }: Artifact): Promise<Partial<Findings>> {
    const folder = this.#folder;
    const samples = this.#asks('speed') ? await timeAll(laid, folder, this.#plan.rounds) : [];
    return {
      samples,
      ...(this.#asks('resume') ? { resumed: await resume(laid, size, folder) } : {}),
      ...(this.#asks('cached') ? { again: await cached(laid, path, folder) } : {}),
    };
  }

  /** The middle one of five: how much a start takes differs by megabytes. */
  async #idle({ uri, env }: Laid): Promise<Partial<Findings>> {
    const peaks: number[] = [];
    for (let round = 0; round < 5; round++) {
      const cache = mkdtempSync(join(this.#folder, 'idle-'));
      const { peakBytes } = await mustRun(pull(uri, { cache, env }));
      peaks.push(peakBytes);
    }
    return { idleBytes: spreadOf(peaks).median };
  }

  #asks(part: Plan['parts'][number]): boolean {
    return this.#plan.parts.includes(part);
  }

  async #laid<T>(
    origin: Origin,
    size: number,
    doing: (laid: Laid, artifact: Artifact) => Promise<T>,
  ): Promise<T> {
    const made = this.#artifacts.get(size) ?? makeArtifact(join(this.#folder, `${size}.onnx`), size);
    this.#artifacts.set(size, made);
    const artifact = await made;
    const laid = await origin.lay(artifact, this.#plan.connections);
    try {
      return await doing(laid, artifact);
    } finally {
      await laid.remove().catch((error: unknown) => {
        process.stderr.write(`bench: ${origin.name} keeps what was put there: ${messageOf(error)}\n`);
      });
    }
  }
}

function footnote({ rounds, connections }: Plan, load: number): string {
  const [core] = cpus();
  return (
    `Medians of ${rounds} rounds (min–max) that took turns. fairlead's figures hold hashing and publishing; curl's ranges go into a ` +
    `file each and are neither put together nor hashed. *To the disk*: with the \`sync\` after it. *Growth*: of fairlead's peak over that of ` +
    `a pull of one kilobyte. ${connections} connections where they can be told. Load before it ${load.toFixed(1)}; ` +
    `Node ${process.versions.node}, ${core?.model.trim()} (${cpus().length} cores).`
  );
}

await runProgram(readPlan, usage, main);
