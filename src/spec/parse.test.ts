import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { canonical } from './canonical.ts';
import { kubernetesFile } from './kubernetes-file.arbitrary.ts';
import { describeIssue, parse, parseModels, parsePolicy } from './parse.ts';
import { modelListFile, serviceFile } from './spec.arbitrary.ts';

const HEAD = 'kind: ModelService\nmetadata: {name: digits}\nspec:\n  model: {uri: ./m}\n';

/** Every fault of a text, as lines. */
function faults(text: string): string[] {
  const result = parse(text);
  return result.ok ? [] : result.error.map(describeIssue);
}

test('the smallest file gets every default', () => {
  const result = parse(HEAD);
  assert.deepEqual(result, {
    ok: true,
    value: {
      apiVersion: 'fairlead.dev/v1alpha1',
      kind: 'ModelService',
      metadata: { name: 'digits' },
      spec: {
        model: { uri: './m' },
        runtime: { onnx: { threads: 1, instances: 'auto', place: 'auto', provider: 'cpu' } },
        server: {
          batching: { maxRows: 64, maxDelay: '0ms' },
          queue: { rows: 65_536, bytes: '256Mi' },
          priorities: { levels: 1, usual: 1 },
          limits: { body: '128Mi', inFlight: 4096, requestTime: '30s' },
          drain: { delay: '0s', grace: '30s' },
        },
        replicas: 1,
        resources: { cpu: '250m', memory: '1Gi' },
        kubernetes: {
          models: 'auto',
          pullSecrets: [],
          env: {},
          secrets: {},
          startup: '5m',
          nodeSelector: {},
          tolerations: [],
          surge: 'auto',
          temporary: '1Gi',
          labels: {},
          annotations: {},
          metrics: { annotations: {} },
          network: { to: [] },
        },
      },
    },
  });
});

const good: readonly { name: string; text: string }[] = [
  { name: 'JSON', text: '{"kind":"ModelService","metadata":{"name":"d"},"spec":{"model":{"uri":"m"}}}' },
  { name: 'a byte order mark', text: `\uFEFF${HEAD}` },
  { name: 'lines ended by CR LF', text: HEAD.replaceAll('\n', '\r\n') },
  { name: 'a comment and a document mark before', text: `# mine\n---\n${HEAD}` },
  { name: 'a document mark after', text: `${HEAD}---\n` },
  {
    name: 'an anchor and its alias',
    text: HEAD.replace('./m', '&u ./m') + '  candidate: {model: {uri: *u}, weight: 5}\n',
  },
  { name: 'an integer as version', text: HEAD.replace('./m', './m, version: 2') },
  { name: 'a size in bytes without quotes', text: `${HEAD}  server: {limits: {body: 4096}}\n` },
  { name: 'a fraction of a second', text: `${HEAD}  server: {limits: {requestTime: 1.001s}}\n` },
];

for (const { name, text } of good) test(`a file may hold ${name}`, () => assert.deepEqual(faults(text), []));

const bad: readonly { name: string; text: string; faults: readonly string[] }[] = [
  { name: 'nothing', text: '', faults: ['line 1, column 1: the file is empty'] },
  { name: 'only comments', text: '# soon\n', faults: ['line 1, column 1: the file is empty'] },
  { name: 'a list', text: '- a\n', faults: ['line 1, column 1: the file must be a map'] },
  { name: 'a word', text: 'hello', faults: ['line 1, column 1: the file must be a map (it is "hello")'] },
  {
    name: 'two documents',
    text: `${HEAD}---\n${HEAD}`,
    faults: ['line 5, column 1: the file holds a second document; write one ModelService a file'],
  },
  {
    name: 'two documents after an empty one',
    text: `---\n---\n${HEAD}---\n${HEAD}`,
    faults: ['line 7, column 1: the file holds a second document; write one ModelService a file'],
  },
  {
    name: 'a tab as indentation',
    text: 'kind: ModelService\n\tmetadata: x\n',
    faults: ['line 2, column 1: the file is not valid YAML: Tabs are not allowed as indentation'],
  },
  {
    name: 'a key twice',
    text: `${HEAD}  replicas: 1\n  replicas: 2\n`,
    faults: ['line 6, column 3: the file is not valid YAML: Map keys must be unique'],
  },
  {
    name: 'a tag that nobody resolves',
    text: HEAD.replace('digits', '!name digits'),
    faults: ['line 2, column 18: the file is not valid YAML: Unresolved tag: !name'],
  },
  {
    name: 'a list as a key',
    text: `${HEAD}  ? [a]\n  : x\n`,
    faults: ['line 5, column 5: the file is not valid YAML: With stringKeys, all keys must be strings'],
  },
  {
    name: 'an alias of nothing',
    text: `${HEAD}  replicas: *many\n`,
    faults: ['line 5, column 13: Unresolved alias (the anchor must be set before the alias): many'],
  },
  {
    name: 'another kind',
    text: HEAD.replace('ModelService', 'InferenceService'),
    faults: ['line 1, column 7: kind must be "ModelService" (it is "InferenceService")'],
  },
  {
    name: 'another apiVersion',
    text: `apiVersion: serving.kserve.io/v1beta1\n${HEAD}`,
    faults: [
      'line 1, column 13: apiVersion must be "fairlead.dev/v1alpha1" (it is "serving.kserve.io/v1beta1")',
    ],
  },
  {
    name: 'no metadata',
    text: HEAD.replace(/metadata.*\n/, ''),
    faults: ['line 1, column 1: metadata is missing'],
  },
  {
    name: 'a name that is no DNS label',
    text: HEAD.replace('digits', 'Digits_1'),
    faults: [
      'line 2, column 18: metadata.name must be lower-case letters, digits and dashes, starting with a letter (it is "Digits_1")',
    ],
  },
  {
    name: 'a name that is too long',
    text: HEAD.replace('digits', 'd'.repeat(41)),
    faults: [`line 2, column 18: metadata.name is longer than 40 characters (it is "${'d'.repeat(41)}")`],
  },
  {
    name: 'a name that YAML reads as a number',
    text: HEAD.replace('digits', '5'),
    faults: ['line 2, column 18: metadata.name must be text, so write it in quotes: "5"'],
  },
  {
    name: 'an empty uri',
    text: HEAD.replace('./m', "''"),
    faults: ['line 4, column 16: spec.model.uri must not be empty (it is "")'],
  },
  {
    name: 'a uri that no path can be',
    text: HEAD.replace('./m', String.raw`"a\0b"`),
    faults: [String.raw`line 4, column 16: spec.model.uri must not hold a NUL character (it is "a\u0000b")`],
  },
  {
    name: 'a uri without a value',
    text: HEAD.replace('./m', ''),
    faults: ['line 4, column 16: spec.model.uri must be a string (it is empty)'],
  },
  {
    name: 'an address with a password, which is not shown',
    text: `${HEAD}  server: {payloadLog: {http: 'http://bob:hunter@2/@sink.example/x'}}\n`,
    faults: [
      'line 5, column 31: spec.server.payloadLog.http must hold no user or password (it is "http://***@sink.example/x")',
    ],
  },
  {
    name: 'another address with a password, which is not shown',
    text: `${HEAD}  server: {tracing: {endpoint: 'https://bob:hunter2@otel.example/v1/traces'}}\n`,
    faults: [
      'line 5, column 32: spec.server.tracing.endpoint must hold no user or password (it is "https://***@otel.example/v1/traces")',
    ],
  },
  {
    name: 'a digest that is none',
    text: HEAD.replace('./m', './m, digest: sha256:AB'),
    faults: [
      'line 4, column 29: spec.model.digest must be sha256: and 64 hex digits in lower case, as `fairlead store digest` tells it (it is "sha256:AB")',
    ],
  },
  {
    name: 'a digest of several versions',
    text: HEAD.replace('./m', `./m, versions: {all: {}}, digest: sha256:${'a'.repeat(64)}`),
    faults: [
      `line 4, column 50: spec.model.digest pins one version, and versions can mean several: name one of them, or pin none`,
    ],
  },
  {
    name: 'a digest of a repository',
    text: HEAD.replace('model: {uri: ./m}', `repository: {uri: ./m, digest: sha256:${'a'.repeat(64)}}`),
    faults: ['line 4, column 26: spec.repository.digest is not a known key; the keys here are uri, versions'],
  },
  {
    name: 'files to leave out of what is not fetched',
    text: HEAD.replace('./m', "./m, exclude: ['*.bin'], include: ['*.onnx']"),
    faults: [
      'line 4, column 30: spec.model.exclude has no effect on a path or a volume: nothing of it is fetched',
      'line 4, column 50: spec.model.include has no effect on a path or a volume: nothing of it is fetched',
    ],
  },
  {
    name: 'a pattern that leads out of a model',
    text: HEAD.replace('./m', "'s3://b/m', include: ['../*']"),
    faults: [
      `line 4, column 38: spec.model.include[0] must be a pattern of paths in the model, such as '*.onnx' or 'onnx/**' (it is "../*")`,
    ],
  },
  {
    name: 'a policy that says nothing',
    text: `${HEAD}  policy: {}\n`,
    faults: ['line 5, column 11: spec.policy must say something: digest, signature, formats or sources'],
  },
  {
    name: 'two ways to sign',
    text: `${HEAD}  policy: {signature: {key: ./k.pub, certificate: {authority: ./ca.pem}}}\n`,
    faults: ['line 5, column 23: spec.policy.signature must have exactly one of key, certificate, keyless'],
  },
  {
    name: 'sources that are none',
    text: `${HEAD}  policy: {sources: [bucket/models, 's3://b/*', 's3://b/../c', 'https://u:p@h/', 's3://b?region=x', 's3://']}\n`,
    faults: [
      'line 5, column 22: spec.policy.sources[0] must be a scheme such as s3 or file, or a place such as s3://bucket/models/ or oci://ghcr.io/acme/: all below it is let in (it is "bucket/models")',
      'line 5, column 37: spec.policy.sources[1] must be a place as it is, without patterns or spaces: all below it is let in anyway (it is "s3://b/*")',
      `line 5, column 49: spec.policy.sources[2] must not hold '.', '..' or '//' (it is "s3://b/../c")`,
      'line 5, column 64: spec.policy.sources[3] must hold no user, query or fragment (it is "https://***@h/")',
      'line 5, column 82: spec.policy.sources[4] must have no options but ?endpoint=https://… (s3, gs) or ?insecure=true (oci) (it is "s3://b?region=x")',
      'line 5, column 101: spec.policy.sources[5] names nothing; s3 alone lets all in (it is "s3://")',
    ],
  },
  {
    name: 'a digest that is required of a repository',
    text: `${HEAD.replace('model:', 'repository:')}  policy: {digest: required}\n`,
    faults: [
      'line 5, column 20: spec.policy.digest cannot be kept by a repository, which has no digest; name its models one by one, as models',
    ],
  },
  {
    name: 'a policy for what a server of others loads by itself',
    text: `${HEAD}  policy: {sources: [file]}\n  runtime: {triton: {}}\n  server: {control: {explicit: {}}}\n`,
    faults: [
      'line 5, column 11: spec.policy cannot be kept by Triton beside server.control: it loads by itself what comes',
    ],
  },
  {
    name: 'a model that is not a map',
    text: HEAD.replace('{uri: ./m}', './m'),
    faults: ['line 4, column 10: spec.model must be a map (it is "./m")'],
  },
  {
    name: 'a version that YAML reads as another number',
    text: HEAD.replace('./m', './m, version: 1.10'),
    faults: [
      'line 4, column 30: spec.model.version must be text, so write it in quotes: "1.10"; YAML reads it as 1.1',
    ],
  },
  {
    name: 'a version with a leading zero',
    text: HEAD.replace('./m', './m, version: 010'),
    faults: [
      'line 4, column 30: spec.model.version must be text, so write it in quotes: "010"; YAML reads it as 10',
    ],
  },
  {
    name: 'a version with more digits than a number holds',
    text: HEAD.replace('./m', './m, version: 20260101123456789012'),
    faults: [
      'line 4, column 30: spec.model.version must be text, so write it in quotes: "20260101123456789012"; YAML reads it as 20260101123456790000',
    ],
  },
  {
    name: 'a version that is a truth value',
    text: HEAD.replace('./m', './m, version: true'),
    faults: ['line 4, column 30: spec.model.version must be text, so write it in quotes: "true"'],
  },
  {
    name: 'a version with a space',
    text: HEAD.replace('./m', './m, version: a b'),
    faults: [
      'line 4, column 30: spec.model.version must be at most 63 letters, digits, dots and dashes (it is "a b")',
    ],
  },
  {
    name: 'a misspelt key',
    text: `${HEAD}  replica: 2\n`,
    faults: ["line 5, column 3: spec.replica is not a known key; did you mean 'replicas'?"],
  },
  {
    name: 'a key of later versions',
    text: `${HEAD}  autoscaling: {min: 2}\n`,
    faults: [
      'line 5, column 3: spec.autoscaling is not a known key; the keys here are model, models, repository, candidate, policy, image, runtime, server, replicas, scaling, resources, traffic, kubernetes, capacity',
    ],
  },
  {
    name: 'a key that every JavaScript object has',
    text: `${HEAD}  __proto__: {replicas: 2}\n  constructor: 1\n`,
    faults: [
      'line 5, column 3: spec.__proto__ is not a known key; the keys here are model, models, repository, candidate, policy, image, runtime, server, replicas, scaling, resources, traffic, kubernetes, capacity',
      'line 6, column 3: spec.constructor is not a known key; the keys here are model, models, repository, candidate, policy, image, runtime, server, replicas, scaling, resources, traffic, kubernetes, capacity',
    ],
  },
  {
    name: 'replicas beside scaling',
    text: `${HEAD}  replicas: 2\n  scaling: {max: 3, cpu: 70}\n`,
    faults: ['line 5, column 13: spec.replicas cannot stand beside scaling, which says how many there are'],
  },
  {
    name: 'two measures to scale by',
    text: `${HEAD}  scaling: {max: 3, cpu: 70, inFlight: 8}\n`,
    faults: ['line 5, column 12: spec.scaling must have exactly one of cpu, inFlight, external, prometheus'],
  },
  {
    name: 'no measure to scale by',
    text: `${HEAD}  scaling: {max: 3}\n`,
    faults: ['line 5, column 12: spec.scaling must have exactly one of cpu, inFlight, external, prometheus'],
  },
  {
    name: 'more pods at least than at most',
    text: `${HEAD}  scaling: {min: 4, max: 3, cpu: 70}\n`,
    faults: ['line 5, column 26: spec.scaling.max must be at least min'],
  },
  {
    name: 'no pods, and nothing that tells when there must be one',
    text: `${HEAD}  scaling: {min: 0, max: 3, cpu: 70}\n`,
    faults: [
      'line 5, column 18: spec.scaling.min must be at least 1: pods that are gone tell nothing to scale by',
    ],
  },
  {
    name: 'a load of cores beside a GPU',
    text: `${HEAD}  scaling: {max: 3, cpu: 70}\n  resources: {gpu: {count: 1}}\n`,
    faults: [
      'line 5, column 26: spec.scaling.cpu says nothing of the load of a GPU: scale by inFlight, external or prometheus',
    ],
  },
  {
    name: 'whole cards and a share of one',
    text: `${HEAD}  resources: {gpu: {count: 1, share: {mps: {replicas: 2}}}}\n`,
    faults: ['line 5, column 20: spec.resources.gpu must have exactly one of count, share, claim'],
  },
  {
    name: 'a memory of a card that is no size',
    text: `${HEAD}  resources: {gpu: {count: 1, memory: lots, product: Tesla-T4}}\n`,
    faults: [
      'line 5, column 39: spec.resources.gpu.memory must be a size such as 64Mi, 1G or 4096 (it is "lots")',
    ],
  },
  {
    name: 'cores that are none',
    text: `${HEAD}  resources: {cpu: 0}\n`,
    faults: ['line 5, column 20: spec.resources.cpu must be from 1m to 1000 (it is "0")'],
  },
  {
    name: 'two routers',
    text: `${HEAD}  traffic: {builtin: {}, istio: {}}\n`,
    faults: ['line 5, column 12: spec.traffic must have exactly one of gatewayApi, istio, builtin, replicas'],
  },
  {
    name: 'no router',
    text: `${HEAD}  traffic: {retries: 1}\n`,
    faults: ['line 5, column 12: spec.traffic must have exactly one of gatewayApi, istio, builtin, replicas'],
  },
  {
    name: 'a floor of machines that nobody names',
    text: `${HEAD}  capacity: {spot: {floor: 1}}\n`,
    faults: ['line 5, column 28: spec.capacity.spot.floor has no effect without cloud'],
  },
  {
    name: 'labels that are set anyway',
    text: `${HEAD}  kubernetes: {labels: {app: x}}\n`,
    faults: [
      'line 5, column 24: spec.kubernetes.labels must not hold app, component, version, app.kubernetes.io/… or fairlead.dev/…, which are set',
    ],
  },
  {
    name: "a taint's value without its key",
    text: `${HEAD}  kubernetes: {tolerations: [{value: x}]}\n`,
    faults: ['line 5, column 38: spec.kubernetes.tolerations[0].value has no effect without key'],
  },
  {
    name: 'two kinds of metrics',
    text: `${HEAD}  kubernetes: {metrics: {none: {}, podMonitor: {}}}\n`,
    faults: [
      'line 5, column 25: spec.kubernetes.metrics must have exactly one of annotations, podMonitor, none',
    ],
  },
  {
    name: 'a match of nothing',
    text: `${HEAD}  candidate: {model: {uri: ./n}, weight: 1, match: []}\n`,
    faults: ['line 5, column 52: spec.candidate.match must hold a header or a cookie'],
  },
  {
    name: 'a host with a capital',
    text: `${HEAD}  traffic: {istio: {hosts: [A.example]}}\n`,
    faults: [
      'line 5, column 29: spec.traffic.istio.hosts[0] must be a name of a host in lower case, such as digits.example.com (it is "A.example")',
    ],
  },
  {
    name: 'a misspelt key deep down, lines ended by CR LF',
    text: `${HEAD}  server:\n    batching:\n      maxrow: 3\n`.replaceAll('\n', '\r\n'),
    faults: ["line 7, column 7: spec.server.batching.maxrow is not a known key; did you mean 'maxRows'?"],
  },
  {
    name: 'half a server',
    text: `${HEAD}  replicas: 1.5\n`,
    faults: ['line 5, column 13: spec.replicas must be an integer (it is 1.5)'],
  },
  {
    name: 'a count in quotes',
    text: `${HEAD}  replicas: "3"\n`,
    faults: ['line 5, column 13: spec.replicas must be a number (it is "3")'],
  },
  {
    name: 'fewer servers than none',
    text: `${HEAD}  replicas: -1\n`,
    faults: ['line 5, column 13: spec.replicas must be at least 0 (it is -1)'],
  },
  {
    name: 'infinitely many servers',
    text: `${HEAD}  replicas: .inf\n`,
    faults: ['line 5, column 13: spec.replicas must be a number (it is Infinity)'],
  },
  {
    name: 'a section left empty',
    text: `${HEAD}  server:\n`,
    faults: ['line 5, column 10: spec.server must be a map (it is empty)'],
  },
  {
    name: 'a candidate without a weight',
    text: `${HEAD}  candidate: {model: {uri: ./n}}\n`,
    faults: ['line 5, column 14: spec.candidate.weight is missing'],
  },
  {
    name: 'a weight beyond all requests',
    text: `${HEAD}  candidate: {model: {uri: ./n}, weight: 101}\n`,
    faults: ['line 5, column 42: spec.candidate.weight must be at most 100 (it is 101)'],
  },
  {
    name: 'a duration without a unit',
    text: `${HEAD}  server: {limits: {requestTime: 5}}\n`,
    faults: [
      'line 5, column 34: spec.server.limits.requestTime must be a duration such as 500ms, 2s or 5m (it is 5)',
    ],
  },
  {
    name: 'a duration longer than timers run',
    text: `${HEAD}  server: {limits: {requestTime: 600h}}\n`,
    faults: ['line 5, column 34: spec.server.limits.requestTime must be at most 24h (it is "600h")'],
  },
  {
    name: 'no time for a request',
    text: `${HEAD}  server: {limits: {requestTime: 0s}}\n`,
    faults: ['line 5, column 34: spec.server.limits.requestTime must be at least 1ms (it is "0s")'],
  },
  {
    name: 'half a millisecond more',
    text: `${HEAD}  server: {limits: {requestTime: 1.5ms}}\n`,
    faults: ['line 5, column 34: spec.server.limits.requestTime must be whole milliseconds (it is "1.5ms")'],
  },
  {
    name: 'a grace of nothing',
    text: `${HEAD}  server: {drain: {grace: 0s}}\n`,
    faults: ['line 5, column 27: spec.server.drain.grace must be at least 1s (it is "0s")'],
  },
  {
    name: 'a size in megabytes by another spelling',
    text: `${HEAD}  server: {limits: {body: 64MB}}\n`,
    faults: [
      'line 5, column 27: spec.server.limits.body must be a size such as 64Mi, 1G or 4096 (it is "64MB")',
    ],
  },
  {
    name: 'a size beyond memory',
    text: `${HEAD}  server: {limits: {body: 3Gi}}\n`,
    faults: ['line 5, column 27: spec.server.limits.body must be at most 2Gi (it is "3Gi")'],
  },
  {
    name: 'room for no byte',
    text: `${HEAD}  server: {limits: {body: 0}}\n`,
    faults: ['line 5, column 27: spec.server.limits.body must be more than 0 (it is "0")'],
  },
  {
    name: 'a drain that outlasts its grace',
    text: `${HEAD}  server: {drain: {delay: 40s}}\n`,
    faults: [
      'line 5, column 27: spec.server.drain.delay must be shorter than grace, which counts from the same moment',
    ],
  },
  {
    name: 'a model and a list of models',
    text: `${HEAD}  models: [{name: a, uri: ./a}]\n`,
    faults: ['line 5, column 11: spec.models cannot stand beside model'],
  },
  {
    name: 'a list of models and a repository',
    text: HEAD.replace('model: {uri: ./m}', 'models: [{name: a, uri: ./a}]\n  repository: {uri: ./all}'),
    faults: ['line 5, column 15: spec.repository cannot stand beside model or models'],
  },
  {
    name: 'a candidate of nothing',
    text: `${HEAD}  candidate: {weight: 5}\n`,
    faults: [
      'line 5, column 14: spec.candidate.model is missing; models or repository may stand in its place',
    ],
  },
  {
    name: 'no models',
    text: HEAD.replace('model: {uri: ./m}', 'models: []'),
    faults: ['line 4, column 11: spec.models must hold a model'],
  },
  {
    name: 'faults in the second of several models',
    text: HEAD.replace(
      'model: {uri: ./m}',
      'models:\n  - {name: a, uri: ./a}\n  - {nmae: b, uri: ./b, version: 1.10, queue: {row: 1}, labels: {new: 010}}',
    ),
    faults: [
      'line 6, column 5: spec.models[1].name is missing',
      "line 6, column 6: spec.models[1].nmae is not a known key; did you mean 'name'?",
      'line 6, column 34: spec.models[1].version must be text, so write it in quotes: "1.10"; YAML reads it as 1.1',
      "line 6, column 48: spec.models[1].queue.row is not a known key; did you mean 'rows'?",
      'line 6, column 71: spec.models[1].labels.new must be text, so write it in quotes: "010"; YAML reads it as 10',
    ],
  },
  {
    name: 'one version and a choice of versions',
    text: HEAD.replace('./m', './m, version: 1, versions: {all: {}}'),
    faults: ['line 4, column 43: spec.model.versions cannot stand beside version, which names the one'],
  },
  {
    name: 'two choices of versions',
    text: HEAD.replace('./m', './m, versions: {latest: 2, all: {}}'),
    faults: ['line 4, column 31: spec.model.versions must have exactly one of latest, all, specific'],
  },
  {
    name: 'a misspelt choice of versions',
    text: HEAD.replace('./m', './m, versions: {lastest: 2}'),
    faults: [
      'line 4, column 31: spec.model.versions must have exactly one of latest, all, specific',
      "line 4, column 32: spec.model.versions.lastest is not a known key; did you mean 'latest'?",
    ],
  },
  {
    name: 'a version chosen twice',
    text: HEAD.replace('./m', './m, versions: {specific: ["1", 1]}'),
    faults: ['line 4, column 42: spec.model.versions.specific names a version twice'],
  },
  {
    name: 'a wait for company where nobody can come',
    text: `${HEAD}  server: {batching: {maxRows: 1, maxDelay: 5ms}}\n`,
    faults: ['line 5, column 45: spec.server.batching.maxDelay has no effect where maxRows is 1'],
  },
  {
    name: 'instances on the event loop',
    text: `${HEAD}  runtime: {onnx: {place: inline, instances: 2}}\n`,
    faults: ['line 5, column 46: spec.runtime.onnx.instances has no effect where place is inline'],
  },
  {
    name: 'a number of instances that is a word',
    text: `${HEAD}  runtime: {onnx: {instances: many}}\n`,
    faults: [
      'line 5, column 31: spec.runtime.onnx.instances must be auto or a whole number from 1 to 256 (it is "many")',
    ],
  },
  {
    name: 'another provider',
    text: `${HEAD}  runtime: {onnx: {provider: gpu}}\n`,
    faults: [
      'line 5, column 30: spec.runtime.onnx.provider must be "cpu" or "cuda" or "tensorrt" or "openvino" or "coreml" (it is "gpu")',
    ],
  },
  {
    name: 'a usual priority that is no level',
    text: `${HEAD}  server: {priorities: {levels: 2, usual: 3}}\n`,
    faults: ['line 5, column 43: spec.server.priorities.usual must be one of the levels'],
  },
  {
    name: 'control in two ways',
    text: `${HEAD}  server: {control: {poll: 1s, explicit: {}}}\n`,
    faults: ['line 5, column 21: spec.server.control must have exactly one of poll, explicit'],
  },
  {
    name: 'control by clients of a server that is one of several',
    text: `${HEAD}  server: {control: {explicit: {}}}\n  replicas: 2\n`,
    faults: [
      'line 5, column 32: spec.server.control.explicit needs a service of one server: a client that loads a model would reach only one of several',
    ],
  },
  {
    name: 'many faults, all told in the order of the file',
    text: 'kind: Foo\nmetadata: {nmae: a}\nspec:\n  modle: {uri: m}\n  replicas: x\n  server: {batching: {maxRow: 5, maxRows: 0}}\n',
    faults: [
      'line 1, column 7: kind must be "ModelService" (it is "Foo")',
      'line 2, column 11: metadata.name is missing',
      "line 2, column 12: metadata.nmae is not a known key; did you mean 'name'?",
      "line 4, column 3: spec.modle is not a known key; did you mean 'model'?",
      'line 4, column 3: spec.model is missing; models or repository may stand in its place',
      'line 5, column 13: spec.replicas must be a number (it is "x")',
      "line 6, column 23: spec.server.batching.maxRow is not a known key; did you mean 'maxRows'?",
      'line 6, column 43: spec.server.batching.maxRows must be at least 1 (it is 0)',
    ],
  },
];

for (const { name, text, faults: expected } of bad) {
  test(`a file is refused that holds ${name}`, () => assert.deepEqual(faults(text), expected));
}

const hostile: readonly { name: string; text: string; fault: RegExp }[] = [
  { name: 'a quarter of a million brackets', text: '['.repeat(250_000), fault: /nested too deeply/ },
  { name: 'more characters than are read', text: 'a'.repeat(256_001), fault: /longer than 256000 char/ },
  {
    name: 'an alias bomb',
    text: 'abcdefgh'.replaceAll(/./g, key => {
      const before = String.fromCodePoint((key.codePointAt(0) ?? 0) - 1);
      return `${key}: &${key} [${key === 'a' ? 'x' : Array(9).fill(`*${before}`).join(', ')}]\n`;
    }),
    fault: /Excessive alias count/,
  },
  { name: 'a NUL', text: `kind: \0`, fault: /metadata is missing/ },
];

for (const { name, text, fault } of hostile) {
  test(`a file of ${name} is refused in one sentence`, () => assert.match(faults(text)[0] ?? '', fault));
}

const deep: readonly { name: string; text: (depth: number) => string }[] = [
  { name: 'lists', text: depth => `${'['.repeat(depth)}1.5${']'.repeat(depth)}` },
  { name: 'lists by dashes', text: depth => `${'- '.repeat(depth)}x` },
  { name: 'maps', text: depth => `${'{a: '.repeat(depth)}"x"${'}'.repeat(depth)}` },
  { name: 'keys', text: depth => '? '.repeat(depth) },
];

for (const { name, text } of deep) {
  test(`${name} beyond the stack are one fault, told in words`, () => {
    for (const depth of [3000, 20_000])
      assert.match(
        faults(text(depth)).join(),
        /^line 1, column \d+: the file is not valid YAML: it is nested too deeply$/,
      );
  });
}

test('any text is read or refused with places that lie in it', () => {
  const piece = fc.constantFrom(
    HEAD,
    'kind',
    ': ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '*a',
    '&a ',
    '"',
    '!x ',
    '---\n',
    '1.0',
    '~',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map(pieces => pieces.join('')),
  );
  fc.assert(
    fc.property(text, input => {
      const result = parse(input);
      const height = input.split('\n').length;
      if (result.ok) return;
      assert.ok(result.error.length > 0);
      for (const { line, column, problem } of result.error) {
        assert.ok(line >= 1 && line <= height && column >= 1 && problem !== '');
      }
    }),
  );
});

test('every file that the arbitraries write is accepted, as YAML and as JSON alike', () => {
  fc.assert(
    fc.property(fc.oneof(serviceFile, kubernetesFile), file => {
      const [yaml, json] = [parse(stringify(file)), parse(JSON.stringify(file))];
      assert.ok(yaml.ok, JSON.stringify(yaml));
      assert.deepEqual(json, yaml);
    }),
  );
});

test('parsing the canonical text gives the same service, and its canonical text is the same', () => {
  fc.assert(
    fc.property(serviceFile, file => {
      const first = parse(JSON.stringify(file));
      assert.ok(first.ok);
      const text = canonical(first.value);
      const second = parse(text);
      assert.deepEqual(second, first);
      assert.ok(second.ok && canonical(second.value) === text);
    }),
  );
});

test('the canonical text does not depend on the order of keys', () => {
  const [forth, back] = [
    parse(HEAD),
    parse(
      HEAD.trimEnd()
        .split(/\n(?=\w)/)
        .toReversed()
        .join('\n'),
    ),
  ];
  assert.ok(forth.ok && back.ok);
  assert.equal(canonical(back.value), canonical(forth.value));
});

test('a list of models is read as the list of a file is', () => {
  fc.assert(
    fc.property(modelListFile, models => {
      const file = { kind: 'ModelService', metadata: { name: 'd' }, spec: { models } };
      const [list, service] = [parseModels(stringify(models)), parse(JSON.stringify(file))];
      assert.ok(list.ok && service.ok);
      assert.deepEqual(list.value, service.value.spec.models);
    }),
  );
});

test('a fault of a list has its place there', () => {
  const result = parseModels('- {name: a, uri: ./a}\n- {name: a, ury: ./a}\n');
  assert.ok(!result.ok);
  assert.deepEqual(result.error.map(describeIssue), [
    'line 2, column 3: [1].uri is missing',
    "line 2, column 13: [1].ury is not a known key; did you mean 'uri'?",
  ]);
  const empty = parseModels('');
  assert.deepEqual(empty.ok ? [] : empty.error.map(describeIssue), ['line 1, column 1: the list is empty']);
});

test('a policy is read from a file of its own, as a service has it', () => {
  const text = 'digest: required\nsignature: {key: cosign.pub}\nsources: [file, s3://models/]\n';
  const value = { digest: 'required', signature: { key: 'cosign.pub' }, sources: ['file', 's3://models/'] };
  assert.deepEqual(parsePolicy(text), { ok: true, value });
  const wrong = parsePolicy('digests: required\n');
  assert.deepEqual(wrong.ok ? [] : wrong.error.map(describeIssue), [
    "line 1, column 1: digests is not a known key; did you mean 'digest'?",
  ]);
});
