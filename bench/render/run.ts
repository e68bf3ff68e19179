/**
 * How long a person waits for the objects of a service, and a pipeline for those of a thousand. Beside it, what Helm and kustomize
 * take for the same objects, where they are on the path.
 *
 *   node scripts/run.mjs bench/render/run.ts [--rounds N] [--services N]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rotated, spreadOf } from '../measure/statistics.ts';
import { formatSpread, renderTable } from '../measure/table.ts';
import { places } from '../server/places.ts';

interface Contestant {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
}

const example = join(places.root, 'examples/digits');
const fairlead = join(places.root, 'fairlead');

function main(rounds: number, services: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-render-'));
  try {
    const one = contestants(folder);
    const many: Contestant = {
      name: `fairlead render, ${services} files`,
      argv: [fairlead, 'render', ...manyFiles(folder, services)],
    };
    const rows: string[][] = [];
    for (const all of [one, [many]]) rows.push(...measured(all, rounds));
    process.stdout.write(`${renderTable(['command', 'ms'], rows)}\n`);
    const objects = countOf(many);
    process.stdout.write(
      `Medians of ${rounds} rounds, interleaved (min–max), a new process each. The ${services} files have ${objects} objects. Node ${process.version}${toolVersions()}.\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function contestants(folder: string): Contestant[] {
  const [chart, base] = [join(folder, 'chart'), join(folder, 'kustomize')];
  run([fairlead, 'render', example, '--helm', chart]);
  run([fairlead, 'render', example, '--kustomize', base]);
  return [
    { name: 'fairlead render examples/digits', argv: [fairlead, 'render', example] },
    ...(isThere('helm') ? [{ name: 'helm template', argv: ['helm', 'template', 'x', chart] } as const] : []),
    ...(isThere('kubectl')
      ? [{ name: 'kubectl kustomize', argv: ['kubectl', 'kustomize', join(base, 'base')] } as const]
      : []),
    { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
  ];
}

/** A file each, with a model of its own. */
function manyFiles(folder: string, services: number): string[] {
  const model = readFileSync(join(example, 'models/digits/1/model.onnx'));
  const labels = join(example, 'models/digits/1');
  return Array.from({ length: services }, (_, at) => {
    const place = join(folder, 'many', `service-${at}`);
    mkdirSync(place, { recursive: true });
    cpSync(labels, join(place, 'model'), { recursive: true });
    writeFileSync(join(place, 'model/model.onnx'), model);
    const spec = {
      model: { uri: './model' },
      scaling: { min: 2, max: 10, cpu: 70 },
      traffic: { gatewayApi: { gateway: { name: 'public' }, hosts: [`service-${at}.example.com`] } },
    };
    const file = join(place, 'fairlead.yaml');
    writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: `service-${at}` }, spec }));
    return file;
  });
}

function measured(all: readonly Contestant[], rounds: number): string[][] {
  const samples = new Map(all.map(({ name }) => [name, [] as number[]]));
  for (const { argv } of all) run(argv);
  for (let round = 0; round < rounds; round++)
    for (const { name, argv } of rotated(all, round)) samples.get(name)?.push(timed(argv));
  return [...samples].map(([name, ms]) => [`\`${name}\``, formatSpread(spreadOf(ms))]);
}

function timed(argv: Contestant['argv']): number {
  const began = performance.now();
  run(argv);
  return performance.now() - began;
}

function run([program, ...args]: readonly [string, ...string[]]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function countOf({ argv }: Contestant): number {
  return run(argv).match(/^kind: /gm)?.length ?? 0;
}

function isThere(program: string): boolean {
  return spawnSync(program, ['version'], { stdio: 'ignore' }).error === undefined;
}

function toolVersions(): string {
  const helm = isThere('helm') ? ` · Helm ${run(['helm', 'version', '--short']).trim()}` : '';
  const kubectl = isThere('kubectl') ? ` · ${run(['kubectl', 'version', '--client']).split('\n')[0]}` : '';
  return helm + kubectl;
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, services: { type: 'string', default: '1000' } },
});
main(Number(values.rounds), Number(values.services));
