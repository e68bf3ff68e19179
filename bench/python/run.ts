/**
 * What the border to a process of Python costs: a network of PyTorch asked by the server's runtime, beside the same network called
 * in a loop of Python. `node scripts/run.mjs bench/python/run.ts [--rounds N]`, with `python3-torch` installed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { usualModel } from '../../src/server/runtimes/python/fixtures/python.ts';
import { pythonRuntime } from '../../src/server/runtimes/python/io/python.ts';
import type { Tensor } from '../../src/server/tensors/tensor.ts';
import { type Spread, spreadOf } from '../measure/statistics.ts';
import { formatSpread, renderTable } from '../measure/table.ts';

const PYTHON = '/usr/bin/python3';

/** Rows of 64 numbers: 256 bytes, 64 KiB and 16 MiB. */
const ROWS = [1, 256, 65_536];

/** Runs of one figure; fewer of large ones. */
const RUNS = [1000, 300, 20];

/** Writes the network, and with `--time ROWS RUNS` prints the median of so many calls. Microseconds. */
const PROGRAM = `
import sys, time, statistics, torch
torch.set_num_threads(1)
if sys.argv[1] == "make":
    layers = [torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)]
    torch.jit.script(torch.nn.Sequential(*layers).eval()).save("model.pt")
else:
    rows, runs = int(sys.argv[2]), int(sys.argv[3])
    model, x = torch.jit.load("model.pt"), torch.ones(rows, 64)
    times = []
    with torch.inference_mode():
        for _ in range(runs + 20):
            since = time.perf_counter()
            model(x)
            times.append((time.perf_counter() - since) * 1e6)
    print(statistics.median(times[20:]))
`;

interface Sample {
  /** From the call to its outputs, and what of that the model took, microseconds. */
  readonly whole: number;
  readonly model: number;
  /** The same network in a loop of Python. */
  readonly loop: number;
}

async function main(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-border-'));
  try {
    writeFileSync(join(folder, 'program.py'), PROGRAM);
    python(folder, 'make');
    const samples = ROWS.map((): Sample[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [at, rows] of ROWS.entries()) samples[at]?.push(await measured(folder, rows, RUNS[at] ?? 1));
    process.stdout.write(`${table(samples)}\n\nMedians of ${rounds} rounds (min–max), one thread.\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function table(samples: readonly (readonly Sample[])[]): string {
  const rows = samples.map((each, at) => {
    const of = (figure: (sample: Sample) => number): Spread => spreadOf(each.map(figure));
    const border = of(({ whole, model }) => whole - model);
    return [
      `${ROWS[at]} × 64`,
      ...[of(({ loop }) => loop), of(({ model }) => model), of(({ whole }) => whole), border].map(one =>
        formatSpread(one),
      ),
    ];
  });
  return renderTable(
    ['input', 'in a loop of Python, µs', 'in the worker, µs', 'with the border, µs', 'the border, µs'],
    rows,
  );
}

async function measured(folder: string, rows: number, runs: number): Promise<Sample> {
  const loop = Number(python(folder, 'time', String(rows), String(runs)));
  const runtime = pythonRuntime(
    { ...usualModel, runMs: 60_000, interpreter: PYTHON, loader: 'torch', folder },
    () => {},
  );
  const options = { threads: 1, provider: 'cpu', instances: 1, notice: () => {} } as const;
  const model = await runtime.beside?.spawn(join(folder, 'model.pt'), options);
  if (model === undefined) throw new Error('Python runs nowhere');
  const found: { whole: number; model: number }[] = [];
  for (let count = 0; count < runs + 20; count++) {
    const input: Tensor = { datatype: 'FP32', shape: [rows, 64], data: new Float32Array(rows * 64).fill(1) };
    const since = performance.now();
    await model.run([input]);
    found.push({ whole: (performance.now() - since) * 1000, model: (model.lastMs ?? 0) * 1000 });
  }
  await model.close();
  const kept = found.slice(20);
  return {
    loop,
    whole: spreadOf(kept.map(({ whole }) => whole)).median,
    model: spreadOf(kept.map(one => one.model)).median,
  };
}

function python(folder: string, ...args: readonly string[]): string {
  return execFileSync(PYTHON, [join(folder, 'program.py'), ...args], { cwd: folder, encoding: 'utf8' });
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
await main(Number(values.rounds));
