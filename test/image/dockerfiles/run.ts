/**
 * The Dockerfiles of every example and of every kind of image, under hadolint's every rule; and, where BUILDKIT_HOST says that a
 * BuildKit is there and FAIRLEAD_TEST_REGISTRY has a base for it, built by that.
 *
 *   node scripts/run.mjs test/image/dockerfiles/run.ts [--may-skip]
 *
 * `--may-skip` makes it no failure that Python or hadolint's wheel cannot be had.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '../../differential/peers/python.ts';
import { root } from '../../source.ts';
import { buildAll } from './buildkit.ts';
import { contextIn } from './context-in.ts';
import { type Hadolint, hadolint } from './hadolint.ts';
import { recipes } from './recipes.ts';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-dockerfiles-'));
try {
  process.exitCode = await codeOf(run, process.argv.includes('--may-skip'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit code. */
async function run(): Promise<number> {
  const examples = readdirSync(join(root, 'examples'));
  const missing = examples.filter(name => recipes[name] === undefined);
  assert.deepEqual(missing, [], 'an example has no recipe here');
  const lint = hadolint();
  for (const [name, recipe] of Object.entries(recipes)) {
    const { dockerfile } = await contextIn(join(folder, name), recipe);
    assert.deepEqual(lint(dockerfile), [], name);
    for (const [rule, planted] of Object.entries(faultsOf(dockerfile))) mustFind(lint, rule, planted);
  }
  process.stdout.write(`hadolint: ${Object.keys(recipes).length} Dockerfiles, nothing to say\n`);
  await buildAll(folder);
  return 0;
}

/** A lint that finds nothing may have looked at nothing. */
function mustFind(lint: Hadolint, rule: string, dockerfile: string): void {
  assert.ok(lint(dockerfile).includes(rule), `hadolint does not find a planted ${rule}`);
}

/** By the rule that each breaks. */
function faultsOf(dockerfile: string): Record<string, string> {
  return {
    DL3006: dockerfile.replace(/^FROM (\S+):\S+@\S+$/m, 'FROM $1'),
    DL3007: dockerfile.replace(/^FROM (\S+):\S+@\S+$/m, 'FROM $1:latest'),
    DL3002: dockerfile.replace(/^USER 65532.*$/m, 'USER root'),
    DL3020: dockerfile.replace(/^STOPSIGNAL/m, 'ADD a /a\nSTOPSIGNAL'),
    DL3025: dockerfile.replace(/^ENTRYPOINT .*$/m, 'ENTRYPOINT node fairlead.js'),
    DL3049: dockerfile.replace('org.opencontainers.image.title=', 'org.opencontainers.image.subtitle='),
  };
}
