/**
 * Large tensors: 64 MiB there and back by binary REST and by gRPC, and a million floats of JSON; how long the server's
 * event loop was held up meanwhile, how long other requests waited, and the most memory it took.
 *
 *   node scripts/run.mjs bench/large/run.ts [--rounds N]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { elementTypes, identityModel } from '../../src/server/fixtures/onnx-file.ts';
import { endChildrenWithUs, type Server, startServer } from '../measure/children.ts';
import { spreadOf } from '../measure/statistics.ts';
import { formatFigure, formatSpread, renderTable } from '../measure/table.ts';
import { binaryRest, type Exchange, grpc, json, tensor } from './exchanges.ts';

const MIB = 1024 * 1024;
const root = join(import.meta.dirname, '../..');
const log = join(root, 'bench/.peers/logs/large.log');

interface Sample {
  readonly seconds: number;
  readonly heldUpMs: number;
  readonly waitedMs: number;
  readonly peakMb: number;
}

async function main(rounds: number): Promise<void> {
  endChildrenWithUs();
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-large-'));
  try {
    writeFileSync(join(folder, 'large.onnx'), identityModel(elementTypes.FP32, ['rows', 'size']));
    const makers = [
      (server: Server) => binaryRest(server.url, tensor(64 * MIB)),
      (server: Server) => grpc(rpcAddress(server), tensor(64 * MIB)),
      (server: Server) => json(server.url, tensor(4_000_000)),
    ];
    const rows: string[][] = [];
    for (const make of makers) rows.push(await measured(join(folder, 'large.onnx'), make, rounds));
    const header = [
      'form',
      'tensor',
      'seconds',
      'MB/s',
      'loop held up, ms',
      'others waited, ms',
      'peak RSS, MB',
    ];
    process.stdout.write(`${renderTable(header, rows)}\n\n${footnote(rounds)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A fresh server for each form, so that its peak of memory is that form's. */
async function measured(
  model: string,
  make: (server: Server) => Exchange,
  rounds: number,
): Promise<string[]> {
  const server = await startServer({ name: 'fairlead', argv: command(model) }, log);
  try {
    await healthy(server);
    const exchange = make(server);
    await exchange.run();
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round++) samples.push(await sample(server, exchange));
    process.stderr.write(`bench: ${exchange.name}: done\n`);
    return rowOf(exchange, samples);
  } finally {
    await server.stop();
  }
}

function command(model: string): readonly [string, ...string[]] {
  const monitor = join(import.meta.dirname, 'monitor.mjs');
  const node = [
    process.execPath,
    '--conditions=source',
    '--import',
    monitor,
    join(root, 'src/cli/main.ts'),
  ] as const;
  return [...node, 'serve', `large=${model}`, '--port', '0', '--log-level', 'warn'];
}

async function healthy({ url }: Server): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) if ((await fetch(`${url}/health`)).ok) return;
  throw new Error('the server did not become healthy');
}

async function sample(server: Server, exchange: Exchange): Promise<Sample> {
  await heldUp(server);
  const poller = new Worker(join(import.meta.dirname, 'poll.mjs'), { workerData: server.url });
  const worst = new Promise<number>(resolve => poller.once('message', resolve));
  const since = performance.now();
  await exchange.run();
  const seconds = (performance.now() - since) / 1000;
  poller.postMessage('end', []);
  return {
    seconds,
    heldUpMs: await heldUp(server),
    waitedMs: await worst,
    peakMb: peakMegabytes(server.pid),
  };
}

/** What the monitor says when it is asked. */
async function heldUp({ pid }: Server): Promise<number> {
  const before = reports().length;
  process.kill(pid, 'SIGUSR2');
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const report = reports()[before];
    if (report !== undefined) return (JSON.parse(report) as { maxMs: number }).maxMs;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('the monitor said nothing');
}

function reports(): string[] {
  return [...readFileSync(log, 'utf8').matchAll(/^MONITOR (.*)$/gm)].map(([, report = '']) => report);
}

function peakMegabytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

function rowOf({ name, bytes }: Exchange, samples: readonly Sample[]): string[] {
  const of = (pick: (sample: Sample) => number): string => formatSpread(spreadOf(samples.map(pick)));
  return [
    name,
    `${formatFigure(bytes / MIB)} MiB`,
    of(one => one.seconds),
    of(one => (2 * bytes) / 1e6 / one.seconds),
    of(one => one.heldUpMs),
    of(one => one.waitedMs),
    formatFigure(Math.max(...samples.map(({ peakMb }) => peakMb))),
  ];
}

function rpcAddress(server: Server): string {
  const line = server.lines().find(one => one.startsWith('grpc://'));
  if (line === undefined) throw new Error('the server did not say where it serves gRPC');
  return line.replace('grpc://', '');
}

function footnote(rounds: number): string {
  return (
    `Medians of ${rounds} rounds (min–max), one exchange at a time, an identity model; MB/s count both ways. *Held up*: the longest ` +
    `that the event loop was, in the exchange; *waited*: the longest that a GET /health/live on a connection of its own took, every 2 ms, from another ` +
    `thread of the client. Node ${process.versions.node}.`
  );
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
try {
  await main(Number(values.rounds));
  process.exit(0);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 3;
}
