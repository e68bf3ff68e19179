/**
 * What building an image costs beside `crane append` of the same bytes, the floor: the first time, with a new version of the model,
 * and with nothing new. And what is promised of it: little over the base, little to upload, the same bytes each time.
 *
 *   FAIRLEAD_TEST_REGISTRY=localhost:5000 node scripts/run.mjs bench/image/run.ts [--quick] [--rounds N]
 *
 * The registry has `FAIRLEAD_TEST_BASE_IMAGE` (`library/node:24-bookworm-slim`); `crane` is looked for on the path.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChildrenWithUs } from '../measure/children.ts';
import { runProgram } from '../measure/program.ts';
import { rotated } from '../measure/statistics.ts';
import { mustRun } from '../store/measured.ts';
import { append, build } from './commands.ts';
import { type Layers, layersOf } from './layers.ts';
import { type Plan, readPlan, usage } from './plan.ts';
import { type Findings, promises, renderReport, type Sample } from './report.ts';

const root = join(import.meta.dirname, '../..');
const example = join(root, 'examples/digits');

async function main({ rounds, json }: Plan): Promise<void> {
  endChildrenWithUs();
  const load = loadavg()[0] ?? 0;
  const folder = mkdtempSync(join(process.env['FAIRLEAD_BENCH_DIR'] ?? tmpdir(), 'fairlead-image-'));
  try {
    const findings = await new Bench(folder, installed(folder), registryOf(process.env)).findings(rounds);
    process.stdout.write(`${renderReport(findings, footnote(rounds, load))}\n`);
    if (json !== undefined) writeFileSync(json, JSON.stringify(findings));
    if (promises(findings).some(({ holds }) => !holds)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function registryOf(environment: NodeJS.ProcessEnv): { host: string; base: string } {
  const host = environment['FAIRLEAD_TEST_REGISTRY'];
  if (host === undefined) throw new Error('FAIRLEAD_TEST_REGISTRY is not set: name a registry of plain http');
  const image = environment['FAIRLEAD_TEST_BASE_IMAGE'] ?? 'library/node:24-bookworm-slim';
  return { host, base: `${host}/${image}` };
}

/** What the package holds, in a folder of its own: a clone builds its bundle each time, and who installs it never does. */
function installed(folder: string): string {
  const place = join(folder, 'installed');
  const script = join(root, 'scripts', 'build.ts');
  execFileSync(process.execPath, ['--conditions=source', script, '--out', join(place, 'dist')], {
    stdio: 'ignore',
  });
  cpSync(join(root, 'package.json'), join(place, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  return join(place, 'dist', 'fairlead.js');
}

class Bench {
  readonly #folder: string;
  readonly #program: string;
  readonly #host: string;
  readonly #base: string;

  constructor(folder: string, program: string, { host, base }: { host: string; base: string }) {
    this.#folder = folder;
    this.#program = program;
    this.#host = host;
    this.#base = base;
  }

  async findings(rounds: number): Promise<Findings> {
    const { layers, isSame } = await this.#twice();
    const samples: Sample[] = [];
    const uploads: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const repository = `${this.#host}/bench/${randomBytes(5).toString('hex')}`;
      const turns = [
        () => this.#ours(`${repository}-fairlead`, uploads),
        () => this.#crane(`${repository}-crane`, layers),
      ];
      for (const turn of rotated(turns, round)) samples.push(...(await turn()));
    }
    return { samples, added: layers.added, uploads, isSame, isValid: this.#isValid };
  }

  #isValid = false;

  /** Of two copies of a service whose files are of different days. */
  async #twice(): Promise<{ layers: Layers; isSame: boolean }> {
    const made = [];
    for (const name of ['one', 'two']) {
      const service = join(this.#folder, name, 'service');
      cpSync(example, service, { recursive: true });
      utimesSync(join(service, 'fairlead.yaml'), made.length, made.length);
      const layout = join(this.#folder, name, 'layout');
      const cache = join(this.#folder, name, 'cache');
      await mustRun(
        build({ program: this.#program, service, base: this.#base, cache }, ['--oci-layout', layout]),
      );
      made.push(await layersOf(layout, this.#baseLayers(), join(this.#folder, name)));
    }
    const [first, second] = made;
    if (first === undefined) throw new Error('nothing was built');
    return { layers: first, isSame: first.digest === second?.digest };
  }

  #baseLayers(): number {
    const text = execFileSync('crane', ['manifest', '--insecure', this.#base], { encoding: 'utf8' });
    return (JSON.parse(text) as { layers: unknown[] }).layers.length;
  }

  async #ours(repository: string, uploads: number[]): Promise<Sample[]> {
    const cache = join(this.#folder, 'cache');
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache);
    const timed = async (name: string, flags: readonly string[]): Promise<Sample> => {
      const building = { program: this.#program, service: example, base: this.#base, cache };
      const { seconds, peakBytes, stdout } = await mustRun(build(building, [...flags, '--push']));
      const { pushed } = JSON.parse(stdout) as { pushed: { uploaded: number } };
      if (name === 'new version') uploads.push(pushed.uploaded);
      process.stderr.write(`bench: fairlead, ${name}: ${seconds.toFixed(2)} s\n`);
      return { tool: 'fairlead', name, seconds, peakBytes };
    };
    const samples = [
      await timed('first', ['-t', `${repository}:1`]),
      await timed('new version', ['-t', `${repository}:2`, '--candidate']),
      await timed('nothing new', ['-t', `${repository}:2`, '--candidate']),
    ];
    execFileSync('crane', ['validate', '--insecure', '--remote', `${repository}:2`], { stdio: 'ignore' });
    this.#isValid = true;
    return samples;
  }

  /** The model is the last layer. */
  async #crane(repository: string, { files }: Layers): Promise<Sample[]> {
    const timed = async (
      name: string,
      base: string,
      layers: readonly string[],
      tag: string,
    ): Promise<Sample> => {
      const { seconds, peakBytes } = await mustRun(append(base, layers, `${repository}:${tag}`));
      process.stderr.write(`bench: crane append, ${name}: ${seconds.toFixed(2)} s\n`);
      return { tool: 'crane append', name, seconds, peakBytes };
    };
    return [
      await timed('first', this.#base, files, '1'),
      await timed('new version', `${repository}:1`, files.slice(-1), '2'),
      await timed('nothing new', `${repository}:1`, files.slice(-1), '2'),
    ];
  }
}

function footnote(rounds: number, load: number): string {
  const [core] = cpus();
  const crane = execFileSync('crane', ['version'], { encoding: 'utf8' }).trim();
  return (
    `Medians of ${rounds} rounds (min–max) that took turns, each into a new repository. fairlead's figures hold its start, reading and ` +
    `fetching the base, a bill of materials and the provenance; crane is given tar files of the same layers, made before. *First*: with an ` +
    `empty cache. Load before it ${load.toFixed(1)}; Node ${process.versions.node}, crane ${crane}, ${core?.model.trim()} (${cpus().length} cores).`
  );
}

await runProgram(readPlan, usage, main);
