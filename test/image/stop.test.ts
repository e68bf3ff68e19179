/** How the verbs of images come to an end before their own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type TestContext } from 'node:test';
import { root } from '../source.ts';
import { basedRegistry } from './based-registry.ts';

const MAIN = join(root, 'src', 'cli', 'main.ts');

/** A build that pushes to a registry that says nothing, signalled by then. */
async function stopped(
  t: TestContext,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; stderr: string; partial: readonly string[] }> {
  const cache = await mkdtemp(join(tmpdir(), 'fairlead-stop-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const { registry, base } = await basedRegistry(t);
  const name = `${registry.host}/acme/digits:1`;
  const args = ['image', 'build', '--self', '--base', base, '-t', name, '--push'];
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], {
    cwd: root,
    env: { ...process.env, FAIRLEAD_IMAGE_CACHE: cache },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
  });
  registry.behave(({ method }) => {
    if (method === 'GET' || method === 'HEAD') return false;
    child.kill(signal);
    return true;
  });
  const stderr = text(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  const partial = (await readdir(join(cache, 'partial'))).filter(one => !one.endsWith('.lock'));
  return { code, stderr: await stderr, partial };
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`a push that is stopped by ${signal} ends at once with ${code}, says so, and leaves nothing`, async t => {
    const ended = await stopped(t, signal);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, /^Stopped; .*\n$/);
    assert.deepEqual(ended.partial, []);
  });
