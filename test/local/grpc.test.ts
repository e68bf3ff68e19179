/** `up` over gRPC, with a client that others wrote: the split, versions, streams, kills, drains and large messages. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { elementTypes, identityModel } from '../../src/server/fixtures/onnx-file.ts';
import { type InferMessage, type InferReply, Rpc, refusalOf } from '../conformance/rpc.ts';
import { type Program, root, running, until } from '../programs/fairlead.ts';

const models = join(root, 'examples', 'digits', 'models', 'digits');
const [row] = (
  JSON.parse(readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8')) as {
    inputs: readonly number[][];
  }
).inputs;
const pixels = Buffer.from(Float32Array.from(row ?? []).buffer);

function digit(version = ''): InferMessage {
  return {
    model_name: 'digits',
    model_version: version,
    id: '',
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64] }],
    raw_input_contents: [pixels],
  };
}

/** A client without retries of its own: what the gateway does is seen. */
function client(t: TestContext, { stderr }: Program): Rpc {
  const address = / serves at \S+ and grpc:\/\/(\S+):/.exec(stderr())?.[1] ?? '';
  const rpc = new Rpc(address, { 'grpc.enable_retries': 0 });
  t.after(() => rpc.close());
  return rpc;
}

/** A file of the digits, with so many servers of the first version. */
async function serviceFile(t: TestContext, text: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-grpc-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'fairlead.yaml');
  await writeFile(file, digitsFile(text));
  return file;
}

function digitsFile(spec: object): string {
  const model = { uri: join(models, '1') };
  return JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec: { model, ...spec } });
}

function pids({ stderr }: Program): number[] {
  return [...stderr().matchAll(/ is ready at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
}

test('one service over gRPC', async t => {
  const program = await running(t, ['up', 'examples/digits']);
  await until(() => pids(program).length === 2);
  const rpc = client(t, program);

  await t.test('a thousand calls are split exactly, and each answer names its version', async () => {
    const had: Record<string, number> = {};
    for (let at = 0; at < 1000; at++) {
      const { model_version: version } = await rpc.call<InferReply>('ModelInfer', digit());
      had[version] = (had[version] ?? 0) + 1;
    }
    assert.deepEqual(had, { 1: 900, 2: 100 });
  });

  await t.test('a version is reached by its name', async () => {
    for (const version of ['1', '2']) {
      const reply = await rpc.call<InferReply>('ModelInfer', digit(version));
      assert.equal(reply.model_version, version);
      const { versions } = await rpc.call<{ versions: string[] }>('ModelMetadata', {
        name: 'digits',
        version,
      });
      assert.deepEqual(versions, [version]);
    }
    const { code, details } = (await refusalOf(rpc.call('ModelInfer', digit('9')))) ?? {};
    assert.equal(code, 5, details);
  });

  await t.test('TensorFlow Serving reaches a version too', async () => {
    for (const version of [1, 2]) {
      // ModelSpec: the name, and the version in a message of its own; then `metadata_field`.
      const spec = Buffer.from(`\n\x06digits\x12\x02\x08${String.fromCharCode(version)}`, 'latin1');
      const message = Buffer.concat([
        Buffer.from([0x0a, spec.length]),
        spec,
        Buffer.from('\x12\x0dsignature_def'),
      ]);
      const reply = await rpc.callRaw('/tensorflow.serving.PredictionService/GetModelMetadata', message);
      assert.ok(reply?.includes(spec));
    }
  });

  await t.test('a stream stays with the version of its first message', async () => {
    for (const version of ['1', '2']) {
      const stream = rpc.stream('ModelStreamInfer');
      const versions: unknown[] = [];
      stream.on('data', ({ infer_response: reply }: { infer_response: InferReply }) =>
        versions.push(reply.model_version),
      );
      const ended = new Promise(resolve => stream.once('end', resolve));
      stream.write(digit(version));
      for (let at = 0; at < 50; at++) stream.write(digit());
      stream.end();
      await ended;
      assert.deepEqual(versions, Array<string>(51).fill(version));
    }
  });

  await t.test('health, readiness and reflection answer', async () => {
    assert.deepEqual(await rpc.call('grpc.health.v1.Health/Check', { service: '' }), { status: 'SERVING' });
    assert.deepEqual(await rpc.call('ServerReady', {}), { ready: true });
    const stream = rpc.stream('grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
    const told = new Promise(resolve => stream.once('data', resolve));
    stream.write({ list_services: '' });
    assert.match(JSON.stringify(await told), /inference\.GRPCInferenceService/);
    const ended = new Promise(resolve => stream.once('end', resolve));
    stream.end();
    await ended;
  });
});

/** Callers that ask one after the other until told to stop, and what they were told. */
function calling(rpc: Rpc, callers: number) {
  const seen = { ok: 0, failed: [] as string[] };
  const end = new AbortController();
  const caller = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const error = await refusalOf(rpc.call('ModelInfer', digit()));
      if (error === undefined) seen.ok += 1;
      else seen.failed.push(error.message);
    }
  };
  const all = Promise.all(Array.from({ length: callers }, caller));
  return { seen, stop: () => (end.abort(), all) };
}

test('kill -9 and SIGTERM of one of two servers cost 8 callers no call', async t => {
  const program = await running(t, ['up', await serviceFile(t, { replicas: 2 })]);
  await until(() => pids(program).length === 2);
  const callers = calling(client(t, program), 8);
  for (const [at, signal] of (['SIGKILL', 'SIGTERM', 'SIGKILL'] as const).entries()) {
    const before = callers.seen.ok;
    await until(() => callers.seen.ok > before + 300);
    process.kill(pids(program)[at] ?? 0, signal);
    await until(() => pids(program).length === 3 + at);
  }
  await callers.stop();
  assert.deepEqual(callers.seen.failed, []);
  t.diagnostic(`${callers.seen.ok} calls, 0 failed`);
});

test('edits of replicas, weights and revisions cost 8 callers no call', async t => {
  const file = await serviceFile(t, { replicas: 2 });
  const program = await running(t, ['up', file]);
  await until(() => program.stderr().includes('Ctrl-C stops.'));
  const callers = calling(client(t, program), 8);
  const candidate = (weight: number) => ({ candidate: { model: { uri: join(models, '2') }, weight } });
  const edits = [{ replicas: 2, ...candidate(10) }, { replicas: 1, ...candidate(50) }, { replicas: 1 }];
  for (const [at, edit] of edits.entries()) {
    await writeFile(file, digitsFile(edit));
    await until(() => [...program.stderr().matchAll(/^Applied /gm)].length === at + 1);
    const before = callers.seen.ok;
    await until(() => callers.seen.ok > before + 200);
  }
  await callers.stop();
  assert.deepEqual(callers.seen.failed, []);
});

test('Ctrl-C under load finishes what is in flight, and does not wait for a stream that says nothing', async t => {
  const program = await running(t, ['up', await serviceFile(t, {})]);
  const rpc = client(t, program);
  const quiet = rpc.stream('ModelStreamInfer');
  quiet.on('error', () => undefined);
  quiet.write(digit());
  await new Promise(resolve => quiet.once('data', resolve));
  const callers = calling(rpc, 8);
  await until(() => callers.seen.ok > 200);
  const ended = program.stop('SIGINT');
  await callers.stop();
  assert.equal(await ended, 0);
  const other = callers.seen.failed.filter(
    problem => !/No connection established|ECONNREFUSED/.test(problem),
  );
  assert.deepEqual(other, [], 'what was accepted is answered');
});

test('a message of 64 MiB is echoed', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-grpc-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'echo.onnx');
  await writeFile(file, identityModel(elementTypes.FP32, ['n']));
  const program = await running(t, ['up', file]);
  const rpc = client(t, program);
  const { inputs } = await rpc.call<{ inputs: { name: string }[] }>('ModelMetadata', { name: 'echo' });
  const values = Buffer.alloc(64 * 1024 * 1024, Buffer.from(Float32Array.of(1.5).buffer));
  const tensor = { name: inputs[0]?.name ?? '', datatype: 'FP32', shape: [values.length / 4] };
  const reply = await rpc.call<InferReply>('ModelInfer', {
    model_name: 'echo',
    inputs: [tensor],
    raw_input_contents: [values],
  });
  assert.ok(reply.raw_output_contents[0]?.equals(values));
});

test('gRPC can be turned off', async t => {
  const program = await running(t, ['up', 'examples/digits', '--grpc-port', 'off']);
  assert.doesNotMatch(program.stderr(), /grpc:/);
});
