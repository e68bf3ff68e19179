import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { dashboardOf } from './dashboard.ts';
import { knownMetrics } from './known-metrics.ts';
import { monitoringOf } from './monitoring.ts';
import { alertRulesOf } from './rules.ts';

const candidate = { model: { uri: './models/new' }, weight: 10 };
const custom = { command: ['serve'], image: 'registry.example/own:1', protocol: 'v2' };
const server = { deadline: '500ms', tls: { certificate: 'c.pem', key: 'k.pem' }, payloadLog: { file: '/l' } };

const kinds: readonly (readonly [whose: string, spec: object])[] = [
  ["fairlead's own server", { server }],
  ['Triton', { runtime: { triton: {} }, server: { deadline: '2s' } }],
  ['TensorFlow Serving', { runtime: { tensorflowServing: {} }, server: { deadline: '2s' } }],
  ["a server of one's own", { runtime: { custom } }],
  ['the gateway', { candidate }],
];

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}

const alerts = (spec: object): readonly Rule[] =>
  alertRulesOf(releaseOf(spec)).groups.flatMap(({ rules }) => rules as readonly Rule[]);

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number };
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
  }[];
}

const panels = (spec: object): readonly Panel[] => {
  const { panels: found } = dashboardOf(releaseOf(spec)) as { readonly panels: readonly Panel[] };
  return found;
};

const alertOf = (spec: object, name: string): Rule | undefined =>
  alerts(spec).find(({ alert }) => alert === name);

/** Metrics and labels that a query names. */
function namedIn(expr: string) {
  const series = [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*(?:\{8\}[^}]*)*)\}/g)];
  const groups = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, by = '']) => by.split(', '));
  return {
    names: series.map(([, name = '']) => name),
    matched: series.map(([, , matchers = '']) =>
      [...matchers.matchAll(/(\w+)(?:=|!)/g)].map(([, label = '']) => label),
    ),
    groups,
  };
}

const ofHistogram = /_(?:bucket|sum|count)$/;
const known = new Map<string, { readonly kind: string; readonly labels: readonly string[] }>(
  Object.entries(knownMetrics),
);

/** The metric that a series is of. */
function metricOf(name: string) {
  const plain = known.get(name);
  if (plain !== undefined) return plain.kind === 'histogram' ? undefined : plain;
  const whole = known.get(name.replace(ofHistogram, ''));
  return whole?.kind === 'histogram' ? whole : undefined;
}

function problemsOf(expr: string): string[] {
  const { names, matched, groups } = namedIn(expr);
  const found = names.map(metricOf);
  const labels = new Set(['namespace', 'pod', 'revision', 'le', ...found.flatMap(one => one?.labels ?? [])]);
  return [
    ...(names.length === 0 ? ['names no metric'] : []),
    ...names.filter((_, at) => found[at] === undefined).map(name => `${name} is no metric`),
    ...matched.flat().filter(label => !labels.has(label)),
    ...groups.filter(label => !labels.has(label)),
  ];
}

for (const [whose, spec] of kinds) {
  test(`what is asked of Prometheus about ${whose} is told by somebody`, () => {
    const asked = [...alerts(spec), ...panels(spec).flatMap(({ targets }) => targets)].map(
      ({ expr }) => expr,
    );
    assert.deepEqual(
      asked.flatMap(expr => problemsOf(expr).map(problem => `${problem}: ${expr}`)),
      [],
    );
  });

  test(`a diagram of ${whose} tells its lines apart by labels that they have`, () => {
    for (const { targets } of panels(spec))
      for (const { expr, legendFormat } of targets) {
        const { groups } = namedIn(expr);
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
          assert.ok(groups.includes(label), `${label} is in ${expr}`);
      }
  });
}

test('a query with a name that nobody knows is found out', () => {
  assert.deepEqual(
    problemsOf('sum by (colour) (rate(prediction_request_total{pod=~"d-[0-9a-f]{8}-.+"}[5m]))'),
    ['prediction_request_total is no metric', 'colour'],
  );
  assert.deepEqual(problemsOf('rate(prediction_queue_seconds{le="1"}[5m])'), [
    'prediction_queue_seconds is no metric',
  ]);
});

const faults: readonly (readonly [whose: string, spec: object, names: readonly string[]])[] = [
  [
    "fairlead's own server",
    { server },
    [
      'PredictionsFail',
      'PredictionsTooLate',
      'PredictionsRejected',
      'PredictionsSlow',
      'ModelNotReady',
      'NoServers',
      'ServerRestarts',
      'CertificateExpires',
      'RecordsLost',
    ],
  ],
  [
    'Triton',
    { runtime: { triton: {} }, server: { deadline: '2s' } },
    ['PredictionsFail', 'PredictionsRejected', 'PredictionsSlow', 'NoServers', 'ServerRestarts'],
  ],
  [
    'TensorFlow Serving',
    { runtime: { tensorflowServing: {} }, server: { deadline: '2s' } },
    ['PredictionsFail', 'PredictionsSlow', 'ServerRestarts'],
  ],
  ["a server of one's own", { runtime: { custom } }, ['ServerRestarts']],
];

for (const [whose, spec, names] of faults)
  test(`the faults of ${whose} have alerts`, () =>
    assert.deepEqual(
      alerts(spec).map(({ alert }) => alert),
      names,
    ));

test('the gateway has alerts of its own, where there is one', () => {
  const names = ['GatewayErrors', 'GatewayWithoutServers'];
  assert.deepEqual(
    alerts({ candidate })
      .slice(-2)
      .map(({ alert }) => alert),
    names,
  );
  assert.equal(alertOf({}, 'GatewayErrors'), undefined);
});

const deadlines: readonly (readonly [deadline: string, bucket: string | undefined, threshold: string])[] = [
  ['500ms', 'prediction_duration_seconds_bucket', '> 0.45'],
  ['2s', 'prediction_duration_seconds_bucket', '> 1.8'],
  ['5s', 'prediction_latency_seconds_bucket', '> 4.5'],
  ['20s', undefined, ''],
];

for (const [deadline, bucket, threshold] of deadlines)
  test(`a deadline of ${deadline} is watched by ${bucket ?? 'no quantile, for none is so large'}`, () => {
    const expr = alertOf({ server: { deadline } }, 'PredictionsSlow')?.expr;
    if (bucket === undefined) return assert.equal(expr, undefined);
    assert.ok(expr?.includes(`${bucket}{`));
    assert.ok(expr?.endsWith(threshold), expr);
  });

test('a model with a deadline of its own is held to that, and the others are not', () => {
  const models = [
    { name: 'a.b', uri: './a', deadline: '1s' },
    { name: 'c', uri: './c' },
  ];
  const slow = alerts({ models, server: { deadline: '2s' } }).filter(
    ({ alert }) => alert === 'PredictionsSlow',
  );
  const told = slow.map(({ expr }) => [/model_name([=!]~"[^"]*")/.exec(expr)?.[1], expr.split('> ').at(-1)]);
  assert.deepEqual(told, [
    ['!~"a[.]b"', '1.8'],
    ['=~"a[.]b"', '0.9'],
  ]);
});

test('what is meant to be so is no fault', () => {
  assert.equal(alertOf({ server: { lazy: {} } }, 'ModelNotReady'), undefined);
  const prometheus = { server: 'http://prometheus:9090', query: 'sum(queue)', average: 1 };
  const none = { scaling: { min: 0, max: 3, prometheus }, candidate };
  assert.equal(alertOf(none, 'NoServers'), undefined);
  assert.equal(alertOf(none, 'GatewayWithoutServers'), undefined);
});

test('a model may load for as long as its file says before it is a fault', () => {
  assert.equal(alertOf({ kubernetes: { startup: '1h' } }, 'ModelNotReady')?.for, '60m');
  assert.equal(alertOf({}, 'ModelNotReady')?.for, '10m');
});

test('rules and dashboards stay the same when one revision follows another', () => {
  const [before, after] = ['./a', './b'].map(uri => monitoringOf(releaseOf({ model: { uri } })));
  assert.deepEqual(before, after);
  const { name } = releaseOf({}).arms[0].deployed.revision;
  assert.match(name, /^digits-[0-9a-f]{8}$/);
});

test('of services with one name, only those pods are asked for whose namespace is known', () => {
  const [here, anywhere] = [{ namespace: 'prod' }, {}].map(options => alertRulesOf(releaseOf({}, options)));
  assert.ok(JSON.stringify(here).includes('namespace=\\"prod\\"'));
  assert.ok(!JSON.stringify(anywhere).includes('namespace=\\"'));
});

test("objects have the labels that Prometheus and Grafana's sidecar look for", () => {
  const podMonitor = { labels: { release: 'prometheus' } };
  const [rule, map] = monitoringOf(releaseOf({ kubernetes: { metrics: { podMonitor } } }));
  assert.equal(rule?.metadata.labels?.['release'], 'prometheus');
  assert.equal(map?.metadata.labels?.['grafana_dashboard'], '1');
  assert.equal(map.metadata.name, 'digits-dashboard');
  const { 'digits.json': text } = map['data'] as Readonly<Record<string, string>>;
  assert.deepEqual(
    JSON.parse(text ?? ''),
    dashboardOf(releaseOf({ kubernetes: { metrics: { podMonitor } } })),
  );
});

test('no two diagrams are at one place, and no two lines have one name', () => {
  for (const [, spec] of kinds) {
    const all = panels(spec);
    assert.equal(new Set(all.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)).size, all.length);
    for (const { targets } of all)
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
  }
});
