import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { bytesOf, filesBelow, isHidden } from './files-below.ts';

async function folder(t: TestContext, files: readonly string[]): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'fairlead-files-'));
  t.after(() => rm(made, { recursive: true }));
  for (const file of files) {
    await mkdir(dirname(join(made, file)), { recursive: true });
    await writeFile(join(made, file), file);
  }
  return made;
}

test('a folder is all of its files by name, whatever order they lie in, and programs as such', async t => {
  const from = await folder(t, ['b.py', 'a/z', 'a/b/c', 'B']);
  await chmod(join(from, 'b.py'), 0o700);
  assert.deepEqual(await filesBelow(from, { to: 'opt/x' }), [
    { kind: 'file', path: 'opt/x/B', from: join(from, 'B') },
    { kind: 'file', path: 'opt/x/a/b/c', from: join(from, 'a/b/c') },
    { kind: 'file', path: 'opt/x/a/z', from: join(from, 'a/z') },
    { kind: 'file', path: 'opt/x/b.py', from: join(from, 'b.py'), isProgram: true },
  ]);
});

test('a link is what it leads to; one that leads up, or nowhere, is not there', async t => {
  const from = await folder(t, ['a/b']);
  await symlink(join(from, 'a/b'), join(from, 'file'));
  await symlink(join(from, 'a'), join(from, 'folder'));
  await symlink(from, join(from, 'a/up'));
  await symlink(join(from, 'none'), join(from, 'nowhere'));
  const found = await filesBelow(from, { to: 'x' });
  assert.deepEqual(
    found.map(({ path }) => path),
    ['x/a/b', 'x/file', 'x/folder/b'],
  );
});

test('what is left out is not looked into', async t => {
  const from = await folder(t, ['.git/config', 'a/.env', 'a/__pycache__/x.pyc', 'a/b', 'm/w']);
  const found = await filesBelow(from, { to: 'x', isLeftOut: path => isHidden(path) || path === 'm' });
  assert.deepEqual(
    found.map(({ path }) => path),
    ['x/a/b'],
  );
});

test('a file is itself, at its own place, and its bytes are counted', async t => {
  const from = join(await folder(t, ['a']), 'a');
  const found = await filesBelow(from, { to: 'etc/b' });
  assert.deepEqual(found, [{ kind: 'file', path: 'etc/b', from }]);
  const text = { kind: 'file', path: 'c', from: Buffer.from('four') } as const;
  assert.equal(await bytesOf([...found, text, { kind: 'folder', path: 'd' }]), 5);
});

test('what is not there is told with its path', async () => {
  await assert.rejects(filesBelow('/nowhere/at/all', { to: 'x' }), {
    code: 'file_unreadable',
    message: /\/nowhere\/at\/all/,
  });
});
