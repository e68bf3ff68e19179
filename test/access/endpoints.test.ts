/**
 * Every endpoint of every protocol, over REST and gRPC, asked with every kind of wrong credentials: of a server that is its
 * own door, and through the gateway of a service. What is not in the tables here has not been thought of, and fails.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { Client, credentials as channel, Metadata, status } from '@grpc/grpc-js';
import { reflectionFiles } from '../../src/server/protobuf/reflection.ts';
import { servedFiles } from '../../src/server/protobuf/served.ts';
import { type Program, root, running } from '../programs/fairlead.ts';
import { type Credentials, credentials, serviceFile } from './credentials.ts';

type Permission = 'open' | 'predict' | 'admin';

/** By path, with {m} for a model, {v} for a version and {l} for a label. */
const PATHS: Readonly<Record<string, Permission>> = {
  'POST /predict': 'predict',
  'POST /models/{m}/predict': 'predict',
  'GET /v1/models/{m}': 'predict',
  'GET /v1/models/{m}/metadata': 'predict',
  'GET /v1/models/{m}/versions/{v}': 'predict',
  'GET /v1/models/{m}/versions/{v}/metadata': 'predict',
  'POST /v1/models/{m}:predict': 'predict',
  'POST /v1/models/{m}:classify': 'predict',
  'POST /v1/models/{m}:regress': 'predict',
  'POST /v1/models/{m}/versions/{v}:predict': 'predict',
  'POST /v1/models/{m}/versions/{v}:classify': 'predict',
  'POST /v1/models/{m}/versions/{v}:regress': 'predict',
  'GET /v2': 'predict',
  'GET /v2/health/live': 'open',
  'GET /v2/health/ready': 'open',
  'GET /v2/models/{m}': 'predict',
  'GET /v2/models/{m}/ready': 'predict',
  'GET /v2/models/{m}/config': 'predict',
  'POST /v2/models/{m}/infer': 'predict',
  'GET /v2/models/{m}/stats': 'admin',
  'GET /v2/models/{m}/versions/{v}': 'predict',
  'GET /v2/models/{m}/versions/{v}/ready': 'predict',
  'GET /v2/models/{m}/versions/{v}/config': 'predict',
  'POST /v2/models/{m}/versions/{v}/infer': 'predict',
  'GET /v2/models/{m}/versions/{v}/stats': 'admin',
  'GET /v2/models/stats': 'admin',
  'POST /v2/repository/index': 'admin',
  'POST /v2/repository/models/{m}/load': 'admin',
  'POST /v2/repository/models/{m}/unload': 'admin',
  'GET /health': 'open',
  'GET /health/live': 'open',
  'GET /metrics': 'admin',
  'GET /openapi.json': 'predict',
};

/** What a description does not hold: the gateway's own page, what is missing, and what is nowhere. */
const UNDESCRIBED: Readonly<Record<string, Permission>> = {
  'GET /': 'admin',
  'GET /nothing': 'predict',
  'POST /v2/repository/other/index': 'admin',
  'GET /v2/systemsharedmemory/status': 'admin',
  'GET /v2/nothing': 'admin',
  'GET /v1/nothing': 'predict',
};

const CALLS: Readonly<Record<string, Permission>> = {
  'inference.GRPCInferenceService/ServerLive': 'open',
  'inference.GRPCInferenceService/ServerReady': 'open',
  'inference.GRPCInferenceService/ModelReady': 'predict',
  'inference.GRPCInferenceService/ServerMetadata': 'predict',
  'inference.GRPCInferenceService/ModelMetadata': 'predict',
  'inference.GRPCInferenceService/ModelInfer': 'predict',
  'inference.GRPCInferenceService/ModelStreamInfer': 'predict',
  'inference.GRPCInferenceService/ModelConfig': 'predict',
  'inference.GRPCInferenceService/ModelStatistics': 'admin',
  'inference.GRPCInferenceService/RepositoryIndex': 'admin',
  'inference.GRPCInferenceService/RepositoryModelLoad': 'admin',
  'inference.GRPCInferenceService/RepositoryModelUnload': 'admin',
  'inference.GRPCInferenceService/SystemSharedMemoryStatus': 'admin',
  'inference.GRPCInferenceService/SystemSharedMemoryRegister': 'admin',
  'inference.GRPCInferenceService/SystemSharedMemoryUnregister': 'admin',
  'inference.GRPCInferenceService/CudaSharedMemoryStatus': 'admin',
  'inference.GRPCInferenceService/CudaSharedMemoryRegister': 'admin',
  'inference.GRPCInferenceService/CudaSharedMemoryUnregister': 'admin',
  'inference.GRPCInferenceService/TraceSetting': 'admin',
  'inference.GRPCInferenceService/LogSettings': 'admin',
  'tensorflow.serving.PredictionService/Classify': 'predict',
  'tensorflow.serving.PredictionService/Regress': 'predict',
  'tensorflow.serving.PredictionService/Predict': 'predict',
  'tensorflow.serving.PredictionService/MultiInference': 'predict',
  'tensorflow.serving.PredictionService/GetModelMetadata': 'predict',
  'tensorflow.serving.ModelService/GetModelStatus': 'predict',
  'tensorflow.serving.ModelService/HandleReloadConfigRequest': 'admin',
  'grpc.health.v1.Health/Check': 'open',
  'grpc.health.v1.Health/List': 'open',
  'grpc.reflection.v1.ServerReflection/ServerReflectionInfo': 'predict',
  'grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': 'predict',
  'other.Service/Method': 'predict',
  'inference.GRPCInferenceService/Unknown': 'admin',
};

/** It lasts until its client leaves; that it is open is shown by those beside it. */
const LASTING = 'grpc.health.v1.Health/Watch';

type Verdict = 'let in' | 'unknown' | 'denied';

interface Shown {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly verdicts: Readonly<Record<Permission, Verdict>>;
}

const nobody = { open: 'let in', predict: 'unknown', admin: 'unknown' } as const;
const predicts = { open: 'let in', predict: 'let in', admin: 'denied' } as const;
const administers = { open: 'let in', predict: 'denied', admin: 'let in' } as const;
const neither = { open: 'let in', predict: 'denied', admin: 'denied' } as const;

async function everyKind({ keys, token, signers }: Credentials): Promise<readonly Shown[]> {
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
  const past = Math.floor(Date.now() / 1000) - 600;
  const claims = { iss: 'https://issuer.test', aud: 'digits', exp: past + 1200, scope: 'predict admin' };
  return [
    { name: 'nothing', headers: {}, verdicts: nobody },
    { name: 'a wrong key', headers: { 'x-api-key': `${keys.predict}x` }, verdicts: nobody },
    { name: 'a wrong bearer', headers: bearer('fl_wrong'), verdicts: nobody },
    { name: 'another scheme', headers: { authorization: 'Basic YWxpY2U6eA==' }, verdicts: nobody },
    { name: 'an expired key', headers: bearer(keys.expired), verdicts: nobody },
    { name: 'an expired token', headers: bearer(await token({ exp: past })), verdicts: nobody },
    { name: 'a token for others', headers: bearer(await token({ aud: 'others' })), verdicts: nobody },
    { name: 'a token of others', headers: bearer(await token({ iss: 'https://x.test' })), verdicts: nobody },
    { name: 'a token of another key', headers: bearer(await signers.next.sign(claims)), verdicts: nobody },
    { name: 'a token without scope', headers: bearer(await token({ scope: 'x' })), verdicts: neither },
    { name: 'a key for predictions', headers: bearer(keys.predict), verdicts: predicts },
    { name: 'a token for predictions', headers: bearer(await token()), verdicts: predicts },
    { name: "an administrator's key", headers: { 'x-api-key': keys.admin }, verdicts: administers },
    {
      name: "an administrator's token",
      headers: bearer(await token({ scope: 'admin' })),
      verdicts: administers,
    },
  ];
}

const byHttp = { 'let in': undefined, unknown: 401, denied: 403 } as const;
const byRpc = {
  'let in': undefined,
  unknown: status.UNAUTHENTICATED,
  denied: status.PERMISSION_DENIED,
} as const;

/** How a call ends that was not let in. */
const REFUSED: readonly number[] = [byRpc.unknown, byRpc.denied];

/** The table's entries that are asked, those of a description with the names that it has. */
async function described(url: string, key: string): Promise<Map<string, Permission>> {
  const answer = await fetch(`${url}/openapi.json`, { headers: { 'x-api-key': key } });
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> };
  const found = new Map<string, Permission>();
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      const asked = `${method.toUpperCase()} ${path}`;
      const permission = PATHS[asked.replaceAll('digits', '{m}').replace(/(versions\/)1/, '$1{v}')];
      assert.ok(permission !== undefined, `nobody has decided who may ask ${asked}`);
      found.set(asked, permission);
    }
  return found;
}

async function holdsOverHttp(url: string, kinds: readonly Shown[], paths: ReadonlyMap<string, Permission>) {
  for (const [asked, permission] of paths) {
    const [method = '', path = ''] = asked.split(' ');
    for (const { name, headers, verdicts } of kinds) {
      // What is let in would change the server under the others.
      if (verdicts[permission] === 'let in' && path.endsWith('load')) continue;
      const body = method === 'POST' ? { body: '{}' } : {};
      const answer = await fetch(url + path, { method, headers, ...body });
      const text = await answer.text();
      const expected = byHttp[verdicts[permission]];
      const what = `${asked} with ${name}: ${answer.status} ${text}`;
      if (expected === undefined) assert.ok(![401, 403].includes(answer.status), what);
      else assert.equal(answer.status, expected, what);
      const challenge = answer.headers.get('www-authenticate');
      if (answer.status === 401) assert.match(challenge ?? '', /^Bearer realm="fairlead"/, what);
      for (const secret of Object.values(headers))
        assert.equal(text.includes(secret.replace(/^\w+ /, '')), false, what);
    }
  }
}

async function holdsOverGrpc(t: TestContext, address: string, kinds: readonly Shown[]) {
  const client = new Client(address, channel.createInsecure());
  t.after(() => client.close());
  for (const [path, permission] of Object.entries(CALLS))
    for (const { name, headers, verdicts } of kinds) {
      if (verdicts[permission] === 'let in' && path.endsWith('load')) continue;
      const { code, details } = await ended(client, `/${path}`, headers);
      const expected = byRpc[verdicts[permission]];
      const what = `${path} with ${name}: ${code} ${details}`;
      if (expected === undefined) assert.ok(!REFUSED.includes(code), what);
      else assert.equal(code, expected, what);
      for (const secret of Object.values(headers))
        assert.equal(details.includes(secret.replace(/^\w+ /, '')), false, what);
    }
}

/** How a call without a message to speak of ends. */
function ended(
  client: Client,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ code: number; details: string }> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const asIs = (bytes: Buffer): Buffer => bytes;
  return new Promise(resolve => {
    const stream = client.makeBidiStreamRequest(path, asIs, asIs, metadata, {
      deadline: Date.now() + 20_000,
    });
    stream.on('error', () => undefined);
    stream.on('data', () => undefined);
    stream.once('status', resolve);
    stream.end(Buffer.alloc(0));
  });
}

test('every method of a served service is in the table', () => {
  const methods = [...servedFiles, ...reflectionFiles].flatMap(({ services }) =>
    services.flatMap(({ name, methods: all }) => Object.keys(all).map(method => `${name}/${method}`)),
  );
  assert.ok(methods.length > 25, String(methods.length));
  for (const method of methods)
    assert.ok(method in CALLS || method === LASTING, `nobody has decided who may call ${method}`);
});

const digits = join(root, 'examples', 'digits');

async function holds(t: TestContext, { url, grpc, stderr }: Program, known: Credentials): Promise<void> {
  const kinds = await everyKind(known);
  const paths = await described(url, known.keys.predict);
  assert.ok(paths.size >= 25, String(paths.size));
  await holdsOverHttp(url, kinds, new Map([...paths, ...Object.entries(UNDESCRIBED)]));
  const address = grpc === '' ? (/grpc:\/\/([\w.]+:\d+)/.exec(stderr())?.[1] ?? '') : grpc;
  await holdsOverGrpc(t, address, kinds);
}

test('a server lets nobody ask what they may not, over REST and gRPC', async t => {
  const known = await credentials(t);
  const model = `digits=${join(digits, 'models', 'digits', '1')}`;
  const program = await running(t, [
    'serve',
    model,
    '--model-control',
    '--auth',
    join(known.folder, 'auth.json'),
  ]);
  await holds(t, program, known);
});

test('the gateway of a service lets nobody ask what they may not, over REST and gRPC', async t => {
  const known = await credentials(t);
  const program = await running(t, ['up', serviceFile(known, digits)]);
  await holds(t, program, known);
  // Its server answers probes, and nobody else who has not its secret.
  const server = /is ready at (http:\S+),/.exec(program.stderr())?.[1] ?? '';
  const headers = { 'x-api-key': known.keys.predict, 'x-fairlead-gateway': 'x'.repeat(43) };
  assert.equal((await fetch(`${server}/health`)).status, 200);
  for (const path of ['/v2/models/digits', '/metrics', '/nothing'])
    for (const shown of [{}, headers])
      assert.equal((await fetch(server + path, { headers: shown })).status, 403, path);
});
