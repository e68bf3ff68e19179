/** A file that says what only a cluster has, run on this machine: what changes nothing is told, what would differ is refused. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { root, run, startProgram, until } from './programs/fairlead.ts';

const uri = join(root, 'examples', 'digits', 'models', 'digits', '1');

async function fileOf(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-place-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'fairlead.yaml');
  const write = (spec: object): Promise<void> =>
    writeFile(
      path,
      JSON.stringify({ kind: 'ModelService', metadata: { name: 'd' }, spec: { model: { uri }, ...spec } }),
    );
  return { path, write };
}

const clustered = { image: 'acme/digits:1', scaling: { min: 1, max: 4, cpu: 70 } };

test('up says once what changes nothing here, and after an edit what is new of it', async t => {
  const { path, write } = await fileOf(t);
  await write(clustered);
  const { child, stderr } = await startProgram(['up', path, '--port', '0', '--grpc-port', 'off']);
  t.after(() => child.kill('SIGKILL'));
  const told = (field: string): number => stderr().split(`\n${field} `).length - 1;
  assert.match(stderr(), /^spec\.image is what pods run, and changes nothing here/);
  assert.match(
    stderr(),
    /\nspec\.scaling starts as many servers here as its min says, 1: nothing scales them/,
  );
  await write({ ...clustered, kubernetes: { namespace: 'models' } });
  await until(() => stderr().includes('Applied'));
  assert.deepEqual([told('spec.kubernetes'), told('spec.scaling')], [1, 1]);
  const candidate = { model: { uri: join(uri, '..', '2') }, weight: 10, mirror: 50 };
  await write({ ...clustered, candidate });
  await until(() => stderr().includes('Not applied'));
  assert.match(
    stderr(),
    /Not applied, [^]*spec\.candidate\.mirror is for Kubernetes, and cannot be kept here/,
  );
});

test('up refuses what would send requests elsewhere than on a cluster, and explain tells it', async t => {
  const { path, write } = await fileOf(t);
  await write({ ...clustered, traffic: { builtin: {}, sticky: {} } });
  const { code, stderr } = await run(['up', path, '--port', '0']);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /spec\.traffic\.sticky is for Kubernetes, and cannot be kept here: the gateway/);
  const explained = await run(['explain', path]);
  assert.equal(explained.code, 0, explained.stderr);
  assert.match(
    explained.stdout,
    /\n! spec\.image is what pods run[^]*\n! spec\.traffic\.sticky is for Kubernetes/,
  );
  const { stdout } = await run(['explain', path, '-o', 'json']);
  const { notes } = JSON.parse(stdout) as { notes: readonly string[] };
  assert.deepEqual(
    notes.map(note => note.split(' ')[0]),
    ['spec.image', 'spec.scaling', 'spec.traffic', 'spec.traffic.sticky'],
  );
});
