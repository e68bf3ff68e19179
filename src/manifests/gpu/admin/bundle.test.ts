import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments, parse as parseYaml } from 'yaml';
import type { GpuOptions } from '#spec';
import { releaseOf } from '../../fixtures/release.ts';
import { gpuPod } from '../pod.ts';
import { adminBundleOf } from './bundle.ts';
import { adminText } from './text.ts';

const PRODUCT = 'NVIDIA-A100-SXM4-40GB';

const asked = (gpu: object): { gpu: GpuOptions; nodes: Readonly<Record<string, string>> } => {
  const [arm] = releaseOf({ resources: { gpu } }).arms;
  const options = arm.service.spec.resources.gpu;
  assert.ok(options !== undefined);
  return { gpu: options, nodes: gpuPod(arm).nodeSelector ?? {} };
};
const bundleOf = (gpu: object, options = {}) => adminBundleOf(asked(gpu).gpu, options);
const commandsOf = (gpu: object, options = {}) => bundleOf(gpu, options).steps.map(({ command }) => command);

for (const [kind, name] of [
  ['timeSlicing', 'ts4'],
  ['mps', 'mps4'],
] as const) {
  test(`cards shared by ${kind} are an entry of the device plugin's configuration`, () => {
    const { objects } = bundleOf({ share: { [kind]: { replicas: 4 } } }, { namespace: 'gpus' });
    const [object] = objects;
    assert.ok(object !== undefined);
    const { data, ...rest } = object;
    const metadata = { name: 'gpu-sharing', namespace: 'gpus' };
    assert.deepEqual(rest, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const entries = Object.entries(data as Record<string, string>);
    assert.deepEqual(
      entries.map(([key]) => key),
      [name],
    );
    assert.deepEqual(parseYaml(entries[0]?.[1] ?? ''), {
      version: 'v1',
      flags: { migStrategy: 'none' },
      sharing: {
        [kind]: {
          renameByDefault: true,
          failRequestsGreaterThanOne: true,
          resources: [{ name: 'nvidia.com/gpu', replicas: 4 }],
        },
      },
    });
  });

  test(`nodes for ${kind} get the label that pods look for`, () => {
    const share = { share: { [kind]: { replicas: 4 } } };
    const [[label, value] = []] = Object.entries(asked(share).nodes);
    assert.ok(commandsOf(share).includes(`kubectl label node NODE ${label}=${value} --overwrite`));
  });
}

test('MPS has the labels of nodes turned on, which it goes by', () => {
  const patches = (kind: string) =>
    commandsOf({ share: { [kind]: { replicas: 2 } } }).filter(command => command.includes('"gfd"')).length;
  assert.deepEqual([patches('mps'), patches('timeSlicing')], [1, 0]);
});

test('nodes are chosen by the product, or as an admin says, and never all of them', () => {
  const share = { share: { mig: { profile: '1g.5gb+me' } } };
  const [byProduct, bySelector, byHand] = [
    commandsOf({ ...share, product: PRODUCT }),
    commandsOf(share, { nodes: 'pool=a' }),
    commandsOf(share),
  ];
  const label = (nodes: string) =>
    `kubectl label node ${nodes} nvidia.com/mig.config=all-1g.5gb.me --overwrite`;
  assert.ok(byProduct.includes(label(`-l 'nvidia.com/gpu.product=${PRODUCT}'`)), byProduct.join('\n'));
  assert.ok(bySelector.includes(label("-l 'pool=a'")));
  assert.ok(byHand.includes(label('NODE')));
});

const kinds: readonly (readonly [title: string, gpu: object, says: RegExp])[] = [
  ['time slices', { share: { timeSlicing: { replicas: 2 } } }, /All GPUs of the labelled nodes change/],
  ['MPS', { share: { mps: { replicas: 2 } } }, /All GPUs of the labelled nodes change/],
  ['MIG', { share: { mig: { profile: '1g.5gb' } } }, /ends every pod there that has one/],
  ['a claim', { claim: { class: 'mig.nvidia.com' } }, /Nothing is changed by these commands/],
  ['whole cards', { count: 1 }, /Nothing is changed by these commands/],
];

for (const [title, gpu, says] of kinds) {
  test(`the text for ${title} says what it changes and how to see it, and holds its objects`, () => {
    const bundle = bundleOf(gpu);
    const text = adminText(bundle);
    const comments = text.split('\n').filter(line => line.startsWith('#'));
    assert.match(comments.join('\n'), says);
    for (const { command } of bundle.steps) assert.ok(comments.includes(`#      ${command}`), command);
    assert.ok(bundle.steps.some(({ command }) => command.startsWith('kubectl get')));
    const documents = parseAllDocuments(text).map(document => document.toJS() as unknown);
    assert.deepEqual(
      documents.filter(document => document !== null),
      bundle.objects,
    );
  });
}

test('what only looks changes nothing', () => {
  for (const gpu of [{ claim: {} }, { count: 1 }])
    for (const command of commandsOf(gpu)) assert.match(command, /^kubectl get /);
});

test('the strategy of MIG is that of the pods', () => {
  const single = { share: { mig: { profile: '1g.5gb', strategy: 'single' } }, product: PRODUCT };
  assert.match(commandsOf(single)[0] ?? '', /"strategy":"single"/);
  assert.match(commandsOf({ share: { mig: { profile: '1g.5gb' } } })[0] ?? '', /"strategy":"mixed"/);
});

test('nodes whose cards are cut are found again, whatever their cards are called then', () => {
  const single = { share: { mig: { profile: '1g.5gb', strategy: 'single' } }, product: PRODUCT };
  assert.ok(commandsOf(single).includes("kubectl uncordon -l 'nvidia.com/mig.config=all-1g.5gb'"));
  assert.ok(commandsOf(single, { nodes: 'pool=a' }).includes("kubectl uncordon -l 'pool=a'"));
});
