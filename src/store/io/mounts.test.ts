import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { PvcReference } from '../uri/reference.ts';
import { localRoot } from './mounts.ts';

const pvc = (path: string, claim = 'claim'): PvcReference => ({ scheme: 'pvc', claim, path });

/** A mounted volume with a model in it, and a file beside it that is not the volume's. */
async function volume(t: TestContext): Promise<{ mount: string; environment: Record<string, string> }> {
  const place = await mkdtemp(join(tmpdir(), 'fairlead-pvc-'));
  t.after(() => rm(place, { recursive: true, force: true }));
  const mount = join(place, 'mount');
  await mkdir(join(mount, 'models/digits/1'), { recursive: true });
  await writeFile(join(mount, 'models/digits/1/model.onnx'), 'model');
  await writeFile(join(place, 'secret'), 'secret');
  return { mount, environment: { FAIRLEAD_VOLUMES: `other=/nowhere, claim=${mount}` } };
}

for (const path of ['', 'models/digits', 'models/digits/1/model.onnx'])
  test(`'${path}' of a claim is that path of its mount`, async t => {
    const { mount, environment } = await volume(t);
    assert.equal(
      await localRoot(pvc(path), 'pvc://claim', environment),
      path === '' ? mount : join(mount, path),
    );
  });

test('links within the volume are followed, also as Kubernetes updates volumes by them, and in a circle', async t => {
  const { mount, environment } = await volume(t);
  await symlink('models', join(mount, '..data'));
  await symlink('..data/digits', join(mount, 'digits'));
  await symlink('..', join(mount, 'models/digits/up'));
  await symlink('nowhere', join(mount, 'models/digits/dead'));
  assert.equal(await localRoot(pvc('digits'), 'pvc://claim/digits', environment), join(mount, 'digits'));
});

const refused: readonly { name: string; claim?: string; path: string; code: string; message: RegExp }[] = [
  {
    name: 'nothing there',
    path: 'models/none',
    code: 'source_missing',
    message: /pvc:\/\/x: nothing lies at .*none/,
  },
  {
    name: 'a path below a file',
    path: 'models/digits/1/model.onnx/x',
    code: 'source_missing',
    message: /nothing lies/,
  },
  {
    name: 'a claim that is not mounted',
    claim: 'missing-claim',
    path: 'm',
    code: 'source_missing',
    message:
      /'missing-claim' is not mounted at \/mnt\/pvc\/missing-claim; .* FAIRLEAD_VOLUMES=missing-claim=/,
  },
  {
    name: 'a claim whose path is not there',
    claim: 'other',
    path: '',
    code: 'source_missing',
    message: /at \/nowhere;/,
  },
  {
    name: 'a link out as the path',
    path: 'out',
    code: 'source_refused',
    message: /link out leads out of the volume/,
  },
  { name: 'a path through a link out', path: 'away/secret', code: 'source_refused', message: /leads out/ },
  {
    name: 'a link out in the folder',
    path: 'holds',
    code: 'source_refused',
    message: /holds\/w\.bin leads out/,
  },
  {
    name: 'a link out behind a link',
    path: 'via',
    code: 'source_refused',
    message: /holds\/w\.bin leads out/,
  },
];

for (const { name, claim, path, code, message } of refused)
  test(`${name} is refused as ${code}`, async t => {
    const { mount, environment } = await volume(t);
    await symlink('../secret', join(mount, 'out'));
    await symlink('..', join(mount, 'away'));
    await mkdir(join(mount, 'holds'));
    await symlink('../../secret', join(mount, 'holds/w.bin'));
    await mkdir(join(mount, 'via'));
    await symlink('../holds', join(mount, 'via/there'));
    await assert.rejects(localRoot(pvc(path, claim), 'pvc://x', environment), { code, message });
  });

test('a volume whose name begins like another is another', async t => {
  const { mount, environment } = await volume(t);
  await mkdir(`${mount}-2`);
  await symlink(`${mount}-2`, join(mount, 'near'));
  await assert.rejects(localRoot(pvc('near'), 'pvc://x', environment), { code: 'source_refused' });
});
