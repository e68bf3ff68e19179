/** A real lock from a real index: `FAIRLEAD_TEST_INDEX=https://pypi.org/simple`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { pythonBase } from '../fixtures/python-base.ts';
import type { LayerEntry } from '../layer-entry.ts';
import { platforms } from '../platform.ts';
import { gatherRequirements } from './requirements.ts';

const run = promisify(execFile);
const index = process.env['FAIRLEAD_TEST_INDEX'];
const skip = index === undefined ? 'no FAIRLEAD_TEST_INDEX, such as https://pypi.org/simple' : false;

test("the example's lock is installed for both platforms, and imported where this machine can", {
  skip,
  timeout: 300_000,
}, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-index-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(import.meta.dirname, '../../../examples/sklearn/requirements.lock');
  const text = await readFile(file, 'utf8');
  for (const platform of platforms) {
    const options = {
      base: pythonBase({ platform }),
      cache: folder,
      environment: { ...process.env, PIP_INDEX_URL: index },
      random: { next: () => 0 },
      signal: AbortSignal.timeout(280_000),
    };
    const layer = await gatherRequirements({ file, text }, options);
    const names = layer.packages.map(({ name }) => name);
    for (const name of ['numpy', 'scikit-learn', 'skops'])
      assert.ok(names.includes(name), `${name} for ${platform}`);
    for (const entry of layer.entries) await put(entry, join(folder, platform));
  }
  await importThere(t, join(folder, 'linux', process.arch === 'x64' ? 'amd64' : 'arm64'));
});

/** Only a Python of that very version can load what was built for it. */
async function importThere(t: { diagnostic(text: string): void }, root: string): Promise<void> {
  const site = join(root, 'opt/venv/lib/python3.11/site-packages');
  const code =
    'import sklearn, skops, importlib.metadata as m; print(m.version("scikit-learn"), *m.files("numpy")[:1])';
  const env = { ...process.env, PYTHONPATH: site, PYTHONDONTWRITEBYTECODE: '1' };
  const found = await run('python3.11', ['-s', '-c', code], { env }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found === undefined) return t.diagnostic('no python3.11 here: nothing was imported');
  assert.match(found.stdout, /^\d+\.\d+\.\d+ \S+\n$/);
}

async function put(entry: LayerEntry, root: string): Promise<void> {
  const path = join(root, entry.path);
  await mkdir(entry.kind === 'folder' ? path : dirname(path), { recursive: true });
  if (entry.kind === 'link') await symlink(entry.target, path);
  if (entry.kind !== 'file') return;
  if (typeof entry.from === 'string') await copyFile(entry.from, path);
  else await writeFile(path, entry.from);
  if (entry.isProgram) await chmod(path, 0o755);
}
