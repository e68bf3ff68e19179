import assert from 'node:assert/strict';
import test from 'node:test';
import * as schemas from './foreign-schema.ts';
import { type Launch, launch, type Place } from './launch.ts';
import { describeIssue, parse } from './parse.ts';
import { type Artifact, armsOf, type Revision } from './revision.ts';

const place: Place = {
  program: ['fairlead'],
  host: '127.0.0.1',
  port: 4001,
  grpcPort: 4002,
  metricsPort: 4003,
  folder: '/stage',
  behindGateway: true,
};

const served: Artifact = { path: '/m/digits/2', digest: 'sha256:22', name: 'digits', version: '2' };

function revisionOf(spec: object, artifacts: readonly Artifact[] = [served]): Revision {
  const whole = { model: { uri: './m' }, ...spec };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec: whole }));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const [arm] = armsOf(parsed.value, { stable: [{ root: '/m/digits', artifacts }] });
  assert.ok(arm);
  return arm.revision;
}

function launched(spec: object, artifacts?: readonly Artifact[]): Launch {
  return launch(revisionOf(spec, artifacts), place);
}

/** Options of a server that hold for each of these launches, whoever runs the model. */
const server = { deadline: '90s', limits: { body: '1Mi' }, drain: { grace: '20s' } };

test('Triton is told ports, a folder of links to just what is served, and how long it may drain', () => {
  const artifact = { ...served, beside: ['/m/digits/config.pbtxt'] };
  const triton = { args: ['--log-verbose=1'], env: { LD_LIBRARY_PATH: '/lib' } };
  assert.deepEqual(launched({ runtime: { triton }, server }, [artifact]), {
    argv: [
      'tritonserver',
      '--model-repository=/stage/models',
      '--http-address=127.0.0.1',
      '--http-port=4001',
      '--grpc-address=127.0.0.1',
      '--grpc-port=4002',
      '--metrics-port=4003',
      '--exit-timeout-secs=20',
      '--model-control-mode=none',
      '--log-verbose=1',
    ],
    env: { LD_LIBRARY_PATH: '/lib' },
    files: [
      { name: 'models/digits/2', link: '/m/digits/2' },
      { name: 'models/digits/config.pbtxt', link: '/m/digits/config.pbtxt' },
    ],
    listening: { kind: 'told', http: 4001, grpc: 4002 },
    probes: { ready: '/v2/health/ready', live: '/v2/health/live' },
    metrics: { port: 4003, path: '/metrics' },
    answerMs: 90_000,
    mostBody: 1024 ** 2,
    graceMs: 20_000,
  });
});

test("a repository of Triton's is handed over as it lies there, and may be polled or controlled", () => {
  const of = (control: object): readonly string[] =>
    launched({ model: undefined, repository: { uri: './all' }, runtime: { triton: {} }, server: { control } })
      .argv;
  assert.ok(of({ poll: '2m' }).includes('--model-repository=/m/digits'));
  assert.ok(of({ poll: '2m' }).includes('--repository-poll-secs=120'));
  assert.deepEqual(of({ explicit: {} }).slice(-2), ['--model-control-mode=explicit', '--load-model=*']);
});

test('TensorFlow Serving is told one version of one model by flags', () => {
  const tensorflowServing = {
    program: '/opt/tfs',
    batching: '/b.txt',
    args: ['--enable_model_warmup=false'],
  };
  const found = launched({ runtime: { tensorflowServing }, server });
  assert.deepEqual(found.argv, [
    '/opt/tfs',
    '--rest_api_port=4001',
    '--port=4002',
    '--model_name=digits',
    '--model_base_path=/stage/models/digits',
    '--file_system_poll_wait_seconds=0',
    '--monitoring_config_file=/stage/monitoring.config',
    '--rest_api_timeout_in_ms=90000',
    '--enable_batching=true',
    '--batching_parameters_file=/b.txt',
    '--enable_model_warmup=false',
  ]);
  assert.deepEqual(found.files, [
    { name: 'models/digits/2', link: '/m/digits/2' },
    {
      name: 'monitoring.config',
      text: 'prometheus_config { enable: true path: "/monitoring/prometheus/metrics" }\n',
    },
  ]);
  assert.equal(found.probes.ready, '/v1/models/digits');
  assert.deepEqual(found.metrics, { path: '/monitoring/prometheus/metrics' });
});

test('TensorFlow Serving is told several versions and labels by a list', () => {
  const first = { ...served, path: '/m/digits/1', version: '1' };
  const model = { uri: './m', versions: { all: {} }, labels: { canary: 2 } };
  const { argv, files } = launched({ model, runtime: { tensorflowServing: {} } }, [first, served]);
  assert.ok(argv.includes('--model_config_file=/stage/models.config'));
  assert.deepEqual(files.at(-1), {
    name: 'models.config',
    text: `model_config_list {
  config {
    name: "digits"
    base_path: "/stage/models/digits"
    model_platform: "tensorflow"
    model_version_policy { all { } }
    version_labels { key: "canary" value: 2 }
  }
}
`,
  });
});

const command = ['serve', '--port=$(PORT)', '$(MODEL_PATH)', '$(OWN)', '$$(PORT)', '$(UNKNOWN)'];

test('a command of one’s own is filled in as Kubernetes does', () => {
  const custom = {
    command,
    protocol: 'http',
    folder: '/srv',
    image: 'registry/own:1',
    ports: { grpc: 'auto', metrics: 9100 },
    health: { ready: '/up' },
    env: { OWN: 'at $(HOST)' },
  };
  const found = launched({ runtime: { custom }, server });
  assert.deepEqual(found.argv, [
    'serve',
    '--port=4001',
    '/m/digits/2',
    'at 127.0.0.1',
    '$(PORT)',
    '$(UNKNOWN)',
  ]);
  assert.deepEqual(found.env, {
    HOST: '127.0.0.1',
    PORT: '4001',
    GRPC_PORT: '4002',
    METRICS_PORT: '9100',
    MODEL_NAME: 'digits',
    MODEL_PATH: '/m/digits/2',
    MODEL_VERSION: '2',
    OWN: 'at 127.0.0.1',
  });
  const { folder, image, listening, probes, metrics } = found;
  assert.deepEqual(
    { folder, image, listening, probes, metrics },
    {
      folder: '/srv',
      image: 'registry/own:1',
      listening: { kind: 'told', http: 4001, grpc: 4002 },
      probes: { ready: '/up', live: '/up' },
      metrics: { port: 9100, path: '/metrics' },
    },
  );
});

test('where its health is asked follows from the protocol', () => {
  const readyOf = (protocol: string): string =>
    launched({ runtime: { custom: { command: ['x'], protocol } } }).probes.ready;
  assert.deepEqual(['v2', 'tfserving', 'openai'].map(readyOf), [
    '/v2/health/ready',
    '/v1/models/digits',
    '/v1/models',
  ]);
});

/** The smallest change of each field, and one server's launch, whose name tells nothing here. */
const changes: readonly (readonly [field: string, runtime: object, other: object])[] = [
  ['triton.program', { triton: {} }, { triton: { program: 'other' } }],
  ['triton.args', { triton: {} }, { triton: { args: ['--log-info=false'] } }],
  ['triton.env', { triton: {} }, { triton: { env: { A: 'b' } } }],
  ['tensorflowServing.program', { tensorflowServing: {} }, { tensorflowServing: { program: 'other' } }],
  ['tensorflowServing.batching', { tensorflowServing: {} }, { tensorflowServing: { batching: 'b' } }],
  ['tensorflowServing.args', { tensorflowServing: {} }, { tensorflowServing: { args: ['--v=1'] } }],
  ['tensorflowServing.env', { tensorflowServing: {} }, { tensorflowServing: { env: { A: 'b' } } }],
  ...Object.entries({
    command: ['other'],
    image: 'i',
    folder: '/f',
    protocol: 'openai',
    ports: { http: 80 },
    health: { live: '/l' },
    metrics: '/m',
    env: { A: 'b' },
  }).map(([field, value]): [string, object, object] => [
    `custom.${field}`,
    { custom: { command: ['x'], protocol: 'v2' } },
    { custom: { command: ['x'], protocol: 'v2', [field]: value } },
  ]),
  ['custom.ports.grpc', customWith({}), customWith({ ports: { grpc: 'auto' } })],
  ['custom.ports.metrics', customWith({}), customWith({ ports: { metrics: 'auto' } })],
  ['custom.health.ready', customWith({}), customWith({ health: { ready: '/r' } })],
];

function customWith(more: object): object {
  return { custom: { command: ['x'], protocol: 'v2', ...more } };
}

test('each field of the three runtimes has a change that is tried', () => {
  const { triton, tensorflowServing, custom: own } = schemas;
  const all = Object.entries({ triton, tensorflowServing, custom: own });
  const fields = all.flatMap(([kind, { shape }]) => Object.keys(shape).map(field => `${kind}.${field}`));
  assert.deepEqual(
    fields.filter(field => !changes.some(([tried]) => tried === field)),
    [],
  );
});

for (const [field, runtime, other] of changes) {
  test(`another runtime.${field} is another launch`, () => {
    assert.notDeepEqual(launched({ runtime }), launched({ runtime: other }));
  });
}

function problems(spec: object): string[] {
  const whole = { model: { uri: './m' }, ...spec };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec: whole }));
  return parsed.ok
    ? []
    : parsed.error.map(issue => describeIssue(issue).replace(/^line \d+, column \d+: /, ''));
}

const custom = { command: ['x'], protocol: 'v2' };

const refused: readonly (readonly [name: string, spec: object, problem: RegExp])[] = [
  ['two servers', { runtime: { triton: {}, custom } }, /^spec\.runtime\.custom cannot stand beside triton/],
  ['onnx beside', { runtime: { triton: {}, onnx: {} } }, /^spec\.runtime\.onnx has no effect on Triton/],
  ['python beside', { runtime: { custom, python: {} } }, /^spec\.runtime\.python has no effect on a server/],
  [
    'batching that equals the default',
    { runtime: { tensorflowServing: {} }, server: { batching: { maxRows: 64 } } },
    /^spec\.server\.batching has no effect on TensorFlow Serving: name a file with/,
  ],
  [
    'a queue',
    { runtime: { triton: {} }, server: { queue: { rows: 5 } } },
    /^spec\.server\.queue has no effect/,
  ],
  [
    'the time of a request',
    { runtime: { custom }, server: { limits: { requestTime: '5s' } } },
    /^spec\.server\.limits\.requestTime has no effect .* set server\.deadline/,
  ],
  ['lazy models', { runtime: { custom }, server: { lazy: {} } }, /^spec\.server\.lazy has no effect/],
  [
    'settings of a candidate',
    { runtime: { triton: {} }, candidate: { model: { uri: 'n', deadline: '5s' }, weight: 1 } },
    /^spec\.candidate\.model\.deadline has no effect on Triton/,
  ],
  [
    "a version of Triton's",
    { runtime: { triton: {} }, model: { uri: 'm', version: '2' } },
    /^spec\.model\.version /,
  ],
  [
    'a poll of one model',
    { runtime: { triton: {} }, server: { control: { poll: '5s' } } },
    /unless it serves a rep/,
  ],
  [
    'a poll that Triton cannot count',
    {
      model: undefined,
      repository: { uri: 'm' },
      runtime: { triton: {} },
      server: { control: { poll: '500ms' } },
    },
    /must be whole seconds/,
  ],
  [
    'several models',
    { model: undefined, models: [{ name: 'a', uri: 'a' }], runtime: { custom } },
    /^spec\.models /,
  ],
  ['neither command nor image', { runtime: { custom: { protocol: 'v2' } } }, /custom\.command is missing/],
  [
    'no path of health',
    { runtime: { custom: { command: ['x'], protocol: 'http' } } },
    /health\.ready is missing/,
  ],
  [
    'one port twice',
    { runtime: customWith({ ports: { http: 80, metrics: 80 } }) },
    /must be different ports/,
  ],
  [
    'a flag that follows',
    { runtime: { triton: { args: ['--http-port=1'] } } },
    /args\[0\] must not set what follows/,
  ],
  [
    'a variable that follows',
    { runtime: customWith({ env: { PORT: '1' } }) },
    /custom\.env must not set HOST, PORT/,
  ],
  ['no flag', { runtime: { triton: { args: ['verbose'] } } }, /must be a flag/],
];

for (const [name, spec, problem] of refused) {
  test(`a file with ${name} is refused`, () => {
    const found = problems(spec);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', problem);
  });
}
