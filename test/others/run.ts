/**
 * A real Triton as the runtime of `fairlead up`: two versions split 90/10, a server killed, an edit that rolls a version, a stop,
 * all under load over HTTP and gRPC, and not one request may fail.
 *
 *   node scripts/run.mjs test/others/run.ts [--may-skip]
 *
 * `--may-skip` makes it no failure that Python or Triton's wheel cannot be had.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { exists, type Load, load } from '../../src/local/io/fixtures/service.ts';
import { type InferReply, Rpc, refusalOf } from '../conformance/rpc.ts';
import { codeOf } from '../differential/peers/python.ts';
import { forget, type TritonProgram, tritonProgram } from '../differential/peers/triton.ts';
import { type Program, startProgram, until } from '../programs/fairlead.ts';
import { countMessage, SCALE_BODY, scaleMessage, writeModels } from './triton-models.ts';

/** Triton's Python backend takes seconds to start, and several of them share the cores. */
const START_SECONDS = 120;

const folder = mkdtempSync(join(tmpdir(), 'fairlead-others-'));
const shared = basename(folder);
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  forget(shared);
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const triton = tritonProgram(shared);
  writeModels(join(folder, 'models'));
  const file = join(folder, 'fairlead.yaml');
  writeFileSync(file, text(triton, '2'));
  const program = await startProgram(['up', file], { TMPDIR: folder }, START_SECONDS);
  const rpc = new Rpc(grpcOf(program), { 'grpc.enable_retries': 0 });
  try {
    await until(() => pids(program).length === 3, START_SECONDS);
    await splits(program, rpc);
    await streams(rpc);
    await metrics(program);
    await worst(program, rpc, { file, triton });
  } catch (error: unknown) {
    process.stderr.write(program.stderr());
    throw error;
  } finally {
    rpc.close();
    await program.stop('SIGKILL');
  }
  await until(() => pids(program).every(pid => !exists(pid)));
  assert.deepEqual(staged(), [], 'the links that were made are gone');
  await outlives(file, triton);
  return 0;
}

/** Two servers of the first version, and one of another on trial. */
function text({ program, flags, env }: TritonProgram, candidate: string): string {
  const served = (version: string): object => ({
    models: [
      { name: 'scale', uri: `./models/scale/${version}` },
      { name: 'count', uri: './models/count' },
    ],
  });
  const spec = {
    ...served('1'),
    replicas: 2,
    candidate: { ...served(candidate), weight: 10 },
    runtime: { triton: { program, args: flags, env } },
    server: { drain: { grace: '10s' } },
  };
  return JSON.stringify({ kind: 'ModelService', metadata: { name: 'scaled' }, spec });
}

/** Where links lie while a server has them. */
function staged(): string[] {
  return readdirSync(folder).filter(name => name.startsWith('fairlead-'));
}

function grpcOf({ stderr }: Program): string {
  return / serves at \S+ and grpc:\/\/(\S+):/.exec(stderr())?.[1] ?? '';
}

function pids({ stderr }: Program): number[] {
  const ready = stderr().matchAll(/ is ready at \S+, process (\d+)/g);
  return [...new Set([...ready].map(([, pid]) => Number(pid)))];
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Asked one by one, the split is exact. */
async function splits({ url }: Program, rpc: Rpc): Promise<void> {
  const had: Record<string, number> = {};
  for (let at = 0; at < 500; at++) {
    const answer = await fetch(`${url}/v2/models/scale/infer`, { method: 'POST', body: SCALE_BODY });
    const { outputs } = (await answer.json()) as { outputs: { data: number[] }[] };
    const version = String((outputs[0]?.data[0] ?? 0) / 7);
    had[version] = (had[version] ?? 0) + 1;
  }
  for (let at = 0; at < 500; at++) {
    const { model_version: version } = await rpc.call<InferReply>('ModelInfer', scaleMessage);
    had[version] = (had[version] ?? 0) + 1;
  }
  assert.deepEqual(had, { 1: 900, 2: 100 });
  for (const version of ['1', '2']) {
    const answer = await fetch(`${url}/v2/models/scale/versions/${version}/infer`, {
      method: 'POST',
      body: SCALE_BODY,
    });
    const { model_version: found } = (await answer.json()) as { model_version: string };
    assert.equal(found, version, 'a version in the path is reached');
  }
  say('split: of 1000 requests, half over REST and half over gRPC, version 1 had 900 and version 2 had 100');
}

/** One question, many answers, each as it comes. */
async function streams(rpc: Rpc): Promise<void> {
  const stream = rpc.stream('ModelStreamInfer');
  const numbers: number[] = [];
  const done = new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.on('data', ({ infer_response: reply, error_message: problem }: StreamReply) => {
      assert.equal(problem, '');
      numbers.push(reply.raw_output_contents[0]?.readInt32LE(0) ?? -1);
      // The second question follows the first one's last answer, on the same stream.
      if (numbers.length === 20) stream.write(countMessage(5));
      if (numbers.length === 25) stream.end();
    });
    stream.once('end', resolve);
  });
  stream.write(countMessage(20));
  await done;
  assert.deepEqual(numbers, [...Array(20).keys(), ...Array(5).keys()]);
  say('ModelStreamInfer: 25 answers of a decoupled model to 2 questions on one stream, in order');
}

interface StreamReply {
  readonly infer_response: InferReply;
  readonly error_message: string;
}

/** Triton's own page, merged with the gateway's. */
async function metrics({ url }: Program): Promise<void> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const found = [
    ...page.matchAll(
      /^nv_inference_request_success\{revision="(\S+?)",server="(\d)",.*model="scale".*\} (\d+)$/gm,
    ),
  ];
  const byRevision = Map.groupBy(found, ([, revision]) => revision);
  const counts = [...byRevision.values()].map(all =>
    all.reduce((sum, [, , , value]) => sum + Number(value), 0),
  );
  assert.deepEqual(
    counts.toSorted((a, b) => b - a),
    [901, 101],
  );
  assert.match(page, /^gateway_requests_total\{/m);
  say(
    `metrics: nv_inference_request_success of ${found.length} servers, by revision ${counts.join(' and ')}`,
  );
}

interface Editing {
  readonly file: string;
  readonly triton: TritonProgram;
}

async function worst(program: Program, rpc: Rpc, { file, triton }: Editing): Promise<void> {
  const http = load(`${program.url}/v2/models/scale/infer`, { clients: 8, body: SCALE_BODY });
  const grpc = calling(rpc, 4);
  const all = (): number => http.seen.ok + grpc.seen.ok;
  await until(() => http.seen.ok > 200 && grpc.seen.ok > 100, 60);

  process.kill(pids(program)[0] ?? 0, 'SIGKILL');
  await until(async () => (await gauge(program, 'gateway_server_restarts_total')) === 1, START_SECONDS);
  await until(async () => (await gauge(program, 'gateway_server_healthy')) === 3, START_SECONDS);
  say(`kill -9 of one Triton: back in rotation after ${all()} answers`);

  writeFileSync(file, text(triton, '3'));
  await until(() => program.stderr().includes('Applied '), START_SECONDS);
  const after = all();
  await until(() => all() > after + 200, 60);
  say(`an edit rolled version 3 out: ${all()} answers`);
  assert.deepEqual([...http.seen.failed, ...grpc.seen.failed], []);

  const ended = program.stop('SIGINT');
  await Promise.all([http.stop(), grpc.stop()]);
  assert.equal(await ended, 0);
  const failed = [...http.seen.failed, ...grpc.seen.failed].filter(problem => !isGone(problem));
  assert.deepEqual(failed, []);
  say(`Ctrl-C under load: in all ${http.seen.ok} answers over REST and ${grpc.seen.ok} over gRPC, 0 failed`);
}

/** After the stop nobody is there to answer. */
function isGone(problem: string): boolean {
  return /ECONNREFUSED|ECONNRESET|No connection established|shutting down/.test(problem);
}

async function gauge({ url }: Program, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const values = [...page.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

function calling(rpc: Rpc, callers: number): Load {
  const seen = { ok: 0, failed: [] as string[] };
  const end = new AbortController();
  const caller = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const error = await refusalOf(rpc.call('ModelInfer', scaleMessage));
      if (error === undefined) seen.ok += 1;
      else seen.failed.push(error.message);
    }
  };
  const all = Promise.all(Array.from({ length: callers }, caller));
  return { seen, stop: async () => void (end.abort(), await all) };
}

/** Triton's own repository, which it polls; and what a killed `up` leaves: nothing. */
async function outlives(file: string, { program: binary, flags, env }: TritonProgram): Promise<void> {
  const spec = {
    repository: { uri: './models' },
    replicas: 2,
    runtime: { triton: { program: binary, args: flags, env } },
    server: { control: { poll: '1s' } },
  };
  writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'scaled' }, spec }));
  const program = await startProgram(['up', file], { TMPDIR: folder }, START_SECONDS);
  await until(() => pids(program).length === 2, START_SECONDS);
  assert.equal(await versionAt(program), '3', 'of a repository, the latest version is served');
  rmSync(join(folder, 'models', 'scale', '3'), { recursive: true });
  await until(async () => (await versionAt(program)) === '2', 60);
  say('a repository is served as it lies there, and polled');
  const servers = pids(program);
  assert.ok(servers.every(exists));
  await program.stop('SIGKILL');
  await until(() => !servers.some(exists) && staged().length === 0);
  say(`kill -9 of up: its ${servers.length} Tritons are gone too`);
}

async function versionAt({ url }: Program): Promise<string> {
  const answer = await fetch(`${url}/v2/models/scale/infer`, { method: 'POST', body: SCALE_BODY });
  const { model_version: version = '' } = (await answer.json()) as { model_version?: string };
  return version;
}
