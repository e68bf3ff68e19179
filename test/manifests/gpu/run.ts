/**
 * What fairlead has an admin configure NVIDIA's device plugin with, read by the plugin's own code: it passes over keys that it does
 * not know, so that a wrong one shares nothing and says nothing.
 *
 *   node scripts/run.mjs test/manifests/gpu/run.ts [--may-skip]
 *
 * `--may-skip` makes it no failure that there is no Go, or no proxy of its modules.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { adminBundleOf } from '#manifests';
import { type GpuOptions, parse } from '#spec';
import { codeOf } from '../../differential/peers/python.ts';
import { type Answer, type Plugin, plugin } from './plugin.ts';

const SAMPLES = 200;

const folder = mkdtempSync(join(tmpdir(), 'fairlead-gpu-plugin-'));
try {
  process.exitCode = await codeOf(async () => run(plugin(folder)), process.argv.includes('--may-skip'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Kind = 'timeSlicing' | 'mps';

/** The exit code. */
function run(read: Plugin): number {
  const shares = fc.sample(
    fc.record({
      kind: fc.constantFrom<Kind>('timeSlicing', 'mps'),
      replicas: fc.integer({ min: 2, max: 48 }),
    }),
    SAMPLES,
  );
  const answers = read(shares.map(({ kind, replicas }) => configOf(kind, replicas)));
  assert.deepEqual(answers, shares.map(meant));
  const faults = faultsOf(configOf('timeSlicing', 4));
  for (const [fault, text] of Object.entries(faults)) {
    const [answer] = read([text]);
    assert.ok(answer?.error !== undefined, `the plugin's reader does not find ${fault}`);
    process.stdout.write(`found: ${fault}: ${answer.error}\n`);
  }
  const count = Object.keys(faults).length;
  process.stdout.write(
    `device plugin: ${SAMPLES} configurations read whole, ${count} planted faults found\n`,
  );
  return 0;
}

function meant({ kind, replicas }: { kind: Kind; replicas: number }): Answer {
  const strategy = kind === 'mps' ? 'mps' : 'time-slicing';
  return { strategy, resource: 'nvidia.com/gpu.shared', replicas, onlyOne: true };
}

/** The one entry of what an admin applies. */
function configOf(kind: Kind, replicas: number): string {
  const [object] = adminBundleOf(gpuOf({ share: { [kind]: { replicas } } })).objects;
  const [text] = Object.values(object?.['data'] ?? {}) as readonly string[];
  assert.ok(text !== undefined);
  return text;
}

function gpuOf(gpu: object): GpuOptions {
  const spec = { model: { uri: './m.onnx' }, resources: { gpu } };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
  assert.ok(parsed.ok && parsed.value.spec.resources.gpu !== undefined);
  return parsed.value.spec.resources.gpu;
}

/** By what is wrong. The plugin itself takes some of them, for something else. */
function faultsOf(usual: string): Record<string, string> {
  return {
    'a key that it does not know': usual.replace('renameByDefault', 'renameByDefalt'),
    'sharing that is indented wrongly': usual.replace(
      /^sharing:\n {2}timeSlicing:/m,
      'timeSlicing:\n  sharing:',
    ),
    'one pod on a card': usual.replace('replicas: 4', 'replicas: 1'),
    'another version': usual.replace('version: v1', 'version: v2'),
    'a name that it ignores': usual.replace('replicas: 4', 'replicas: 4\n        rename: nvidia.com/mine'),
    'two ways at once': `${usual}${usual.slice(usual.indexOf('  timeSlicing')).replace('timeSlicing', 'mps')}`,
    'MPS with the strategy mixed': configOf('mps', 4).replace('migStrategy: none', 'migStrategy: mixed'),
  };
}
