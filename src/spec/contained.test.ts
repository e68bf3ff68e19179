import assert from 'node:assert/strict';
import test from 'node:test';
import { type Contained, contained } from './contained.ts';
import { parse } from './parse.ts';
import type { ModelService } from './schema.ts';

const BASE = '/this-machine/service';

function read(spec: object): ModelService {
  const whole = { model: { uri: './m' }, ...spec };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec: whole }));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.value;
}

function inside(spec: object, interpreter?: string): Contained {
  return contained(read(spec), { base: BASE, interpreter });
}

test('a service that names no file is the same in a container', () => {
  const service = read({ server: { deadline: '2s' }, runtime: { onnx: { threads: 2 } } });
  assert.deepEqual(contained(service, { base: BASE, interpreter: undefined }), {
    service,
    packed: [],
    mounted: [],
    left: [],
    secret: [],
  });
});

const keys = { predict: { keys: { file: 'keys.yaml' } }, admin: { keys: { file: 'keys.yaml' } } };
const jwt = { issuer: 'a', audience: 'b', jwks: './jwks.json' };
const tls = { certificate: 'a.crt', key: '../a.key', clientAuthority: './ca.crt' };

/** What a file names, where it has to be mounted, and that the settings say just that path. */
const mounted: readonly { name: string; server: object; paths: Record<string, string> }[] = [
  {
    name: 'a key with its certificates, as a secret of Kubernetes has them',
    server: { tls },
    paths: {
      'server.tls.certificate': '/etc/fairlead/tls/tls.crt',
      'server.tls.key': '/etc/fairlead/tls/tls.key',
      'server.tls.clientAuthority': '/etc/fairlead/tls/ca.crt',
    },
  },
  {
    name: 'a key at a path of any machine, which it keeps',
    server: { tls: { certificate: '/run/tls/a.crt', key: '/run/tls/a.key' } },
    paths: { 'server.tls.certificate': '/run/tls/a.crt', 'server.tls.key': '/run/tls/a.key' },
  },
  {
    name: 'who has keys',
    server: { auth: keys },
    paths: {
      'server.auth.predict.keys.file': '/etc/fairlead/keys/predict.yaml',
      'server.auth.admin.keys.file': '/etc/fairlead/keys/admin.yaml',
    },
  },
  {
    name: 'what it writes',
    server: { payloadLog: { file: 'logs/records.jsonl' } },
    paths: { 'server.payloadLog.file': '/var/log/fairlead/payloads.jsonl' },
  },
];

for (const { name, server, paths } of mounted)
  test(`is to be mounted: ${name}`, () => {
    const { service, mounted: told, packed } = inside({ server });
    assert.deepEqual(Object.fromEntries(told.map(({ field, path }) => [field, path])), paths);
    const settings = JSON.stringify(service.spec.server);
    for (const path of Object.values(paths)) assert.ok(settings.includes(JSON.stringify(path)), path);
    assert.deepEqual(packed, []);
  });

test('the notice that the machine is taken away is mounted too', () => {
  const { service, mounted: told } = inside({
    capacity: { spot: { notice: { file: 'notice', budget: '20s' } } },
  });
  assert.deepEqual(service.spec.capacity, {
    spot: { notice: { file: '/run/fairlead/notice', budget: '20s' } },
  });
  assert.deepEqual(
    told.map(({ field }) => field),
    ['capacity.spot.notice.file'],
  );
});

test("an issuer's public keys are packed, and an address stays one", () => {
  const { service, packed } = inside({ server: { auth: { predict: { jwt } } } });
  assert.equal(service.spec.server.auth?.predict?.jwt?.jwks, '/etc/fairlead/jwks/predict.json');
  assert.deepEqual(packed, [{ from: `${BASE}/jwks.json`, to: '/etc/fairlead/jwks/predict.json' }]);
  const jwks = 'https://issuer.example/jwks';
  const away = inside({ server: { auth: { admin: { jwt: { ...jwt, jwks } } } } });
  assert.equal(away.service.spec.server.auth?.admin?.jwt?.jwks, jwks);
  assert.deepEqual(away.packed, []);
});

test('every model that says its Python has that of the image, and so have those that say none', () => {
  const runtime = { python: { interpreter: './own/python', threads: 2 } };
  const { service } = inside(
    {
      model: undefined,
      models: [
        { name: 'a', uri: 'a', runtime },
        { name: 'b', uri: 'b' },
      ],
    },
    '/opt/venv/bin/python',
  );
  assert.deepEqual(
    service.spec.models?.map(one => one.runtime?.python),
    [{ interpreter: '/opt/venv/bin/python', threads: 2 }, undefined],
  );
  assert.deepEqual(service.spec.runtime.python, { interpreter: '/opt/venv/bin/python' });
});

test('the whole policy is kept of models that come to the container by themselves, with the files that it names', () => {
  const base = '/here';
  const signatures: readonly (readonly [object, object, readonly string[]])[] = [
    [{ key: 'a.pem' }, { key: '/etc/fairlead/policy/key.pem' }, ['/here/a.pem']],
    [
      { certificate: { authority: '/ca.pem' } },
      { certificate: { authority: '/etc/fairlead/policy/authority.pem' } },
      ['/ca.pem'],
    ],
    [
      { keyless: { issuer: 'i', identity: 'a', trustRoot: 'root.json' } },
      { keyless: { issuer: 'i', identity: 'a', trustRoot: '/etc/fairlead/policy/trusted_root.json' } },
      ['/here/root.json'],
    ],
  ];
  for (const [signature, moved, files] of signatures) {
    const written = read({ policy: { sources: ['s3'], signature } });
    const { service, left, packed } = contained(written, { base, interpreter: undefined, isAway: true });
    assert.deepEqual(service.spec.policy, { sources: ['s3'], signature: moved });
    assert.deepEqual([left, packed.map(({ from }) => from)], [[], files]);
  }
});

test('of a policy what looks at bytes is kept, and what only the making of the image can see is told', () => {
  const policy = { formats: ['onnx'], sources: ['s3://bucket/'], signature: { key: 'a.pem' } };
  const { service, left, packed } = inside({ policy });
  assert.deepEqual(service.spec.policy, { formats: ['onnx'] });
  assert.deepEqual(
    left.map(({ field }) => field),
    ['policy.signature', 'policy.sources'],
  );
  assert.deepEqual(packed, []);
  assert.equal(inside({ policy: { sources: ['file'] } }).service.spec.policy, undefined);
});

const signatures: readonly {
  name: string;
  signature: object;
  inside: object;
  files: Record<string, string>;
}[] = [
  {
    name: 'a key',
    signature: { key: './a.pem' },
    inside: { key: '/etc/fairlead/policy/key.pem' },
    files: { 'a.pem': 'key.pem' },
  },
  {
    name: 'one of several keys',
    signature: { key: ['a.pem', 'b.pem'] },
    inside: { key: ['/etc/fairlead/policy/key-1.pem', '/etc/fairlead/policy/key-2.pem'] },
    files: { 'a.pem': 'key-1.pem', 'b.pem': 'key-2.pem' },
  },
  {
    name: 'whom an authority certifies',
    signature: { certificate: { authority: 'ca.pem' } },
    inside: { certificate: { authority: '/etc/fairlead/policy/authority.pem' } },
    files: { 'ca.pem': 'authority.pem' },
  },
  {
    name: 'an identity',
    signature: { keyless: { issuer: 'https://i', identity: 'me', trustRoot: 'root.json' } },
    inside: {
      keyless: { issuer: 'https://i', identity: 'me', trustRoot: '/etc/fairlead/policy/trusted_root.json' },
    },
    files: { 'root.json': 'trusted_root.json' },
  },
];

for (const { name, signature, inside: expected, files } of signatures)
  test(`where a model is not in the image, all of the policy is kept, with what it names: signed by ${name}`, () => {
    const policy = { sources: ['s3://bucket/'], signature };
    const { service, packed, left } = contained(read({ policy }), {
      base: BASE,
      interpreter: undefined,
      isAway: true,
    });
    assert.deepEqual(service.spec.policy, { sources: ['s3://bucket/'], signature: expected });
    const moved = Object.entries(files).map(([from, to]) => ({
      from: `${BASE}/${from}`,
      to: `/etc/fairlead/policy/${to}`,
    }));
    assert.deepEqual(packed, moved);
    assert.deepEqual(left, []);
  });

const serving = { program: './bin/tms', batching: 'batching.txt' };

test('a program of this machine is that of the base, and its files are packed', () => {
  const { service, packed, left } = inside({ runtime: { tensorflowServing: serving } });
  assert.deepEqual(service.spec.runtime.tensorflowServing, { batching: '/etc/fairlead/batching.config' });
  assert.deepEqual(packed, [{ from: `${BASE}/batching.txt`, to: '/etc/fairlead/batching.config' }]);
  assert.deepEqual(
    left.map(({ field }) => field),
    ['runtime.tensorflowServing.program'],
  );
  const named = inside({ runtime: { triton: { program: 'tritonserver-debug' } } });
  assert.equal(named.service.spec.runtime.triton?.program, 'tritonserver-debug');
});

test("a command's folder is packed only where the file says one", () => {
  const custom = { command: ['./run'], protocol: 'v2' };
  assert.deepEqual(inside({ runtime: { custom } }).packed, []);
  const { service, packed } = inside({ runtime: { custom: { ...custom, folder: 'app' } } });
  assert.equal(service.spec.runtime.custom?.folder, '/opt/service');
  assert.deepEqual(packed, [{ from: `${BASE}/app`, to: '/opt/service' }]);
});

test("what fairlead's gateway does for a server of others is told, as nobody does it in the image", () => {
  const server = {
    auth: keys,
    tls,
    deadline: '2s',
    limits: { body: '1Mi' },
    drain: { delay: '1s' },
    cors: { origins: ['*'] },
  };
  const { service, left, mounted: told } = inside({ runtime: { triton: {} }, server });
  assert.deepEqual(
    left.map(({ field }) => field).toSorted(),
    ['auth', 'cors', 'deadline', 'drain', 'limits', 'tls'].map(field => `server.${field}`),
  );
  assert.deepEqual([service.spec.server.auth, service.spec.server.tls, told], [undefined, undefined, []]);
  assert.deepEqual(inside({ runtime: { triton: {} } }).left, []);
});

test('a server of others knows no notice, and its machines are still those that go', () => {
  const spot = { cloud: 'gke', floor: 2, notice: { budget: '10s' } };
  const { service, left } = inside({ runtime: { triton: {} }, capacity: { spot } });
  assert.deepEqual(service.spec.capacity, { spot: { cloud: 'gke', floor: 2 } });
  assert.deepEqual(
    left.map(({ field }) => field),
    ['capacity.spot.notice'],
  );
});
