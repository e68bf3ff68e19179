import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { RecordFile } from './record-file.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-records-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function opened(t: TestContext, path: string, bytes = 10, files = 3): Promise<RecordFile> {
  const file = await RecordFile.open({ path, bytes, files });
  t.after(() => file.close());
  return file;
}

test('only its owner may read it', async t => {
  const path = join(folder(t), 'log');
  await opened(t, path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a full file is put aside, and the oldest goes', async t => {
  const at = folder(t);
  const file = await opened(t, join(at, 'log'));
  for (const line of ['one\n', 'two\n', 'three\n', 'four\n', 'five\n', 'six\n', 'seven\n'])
    await file.write([line]);
  const text = (name: string): string => readFileSync(join(at, name), 'utf8');
  assert.deepEqual(readdirSync(at).toSorted(), ['log', 'log.1', 'log.2']);
  assert.deepEqual([text('log.2'), text('log.1'), text('log')], ['three\n', 'four\nfive\n', 'six\nseven\n']);
  assert.equal(statSync(join(at, 'log')).mode & 0o777, 0o600);
});

test('where one file is kept, a full one begins anew', async t => {
  const at = folder(t);
  const file = await opened(t, join(at, 'log'), 10, 1);
  for (const line of ['one\n', 'two\n', 'three\n']) await file.write([line]);
  assert.deepEqual([readdirSync(at), readFileSync(join(at, 'log'), 'utf8')], [['log'], 'three\n']);
});

test('a line that is larger than a file is written all the same, into one of its own', async t => {
  const at = folder(t);
  const file = await opened(t, join(at, 'log'));
  await file.write(['short\n']);
  await file.write([`${'long'.repeat(9)}\n`]);
  assert.equal(readFileSync(join(at, 'log.1'), 'utf8'), 'short\n');
});

test('several who write to one file put it aside once, and lose no line', async t => {
  const at = folder(t);
  const path = join(at, 'log');
  const writers = await Promise.all([1, 2, 3, 4].map(() => opened(t, path, 100, 100)));
  await Promise.all(
    writers.map(async (writer, name) => {
      for (let line = 0; line < 50; line++) await writer.write([`${name}-${line}\n`]);
    }),
  );
  const lines = readdirSync(at)
    .filter(name => name !== 'log.lock')
    .flatMap(name => readFileSync(join(at, name), 'utf8').trimEnd().split('\n'));
  assert.deepEqual(
    lines.toSorted(),
    [0, 1, 2, 3].flatMap(name => Array.from({ length: 50 }, (_, line) => `${name}-${line}`)).toSorted(),
  );
});

test('a line that its writer was killed in costs no other line', async t => {
  const path = join(folder(t), 'log');
  const file = await opened(t, path, 1000);
  await file.write(['one\n']);
  appendFileSync(path, 'two, of another pro');
  await file.write(['three\n']);
  const other = await opened(t, path, 1000);
  await other.write(['four\n']);
  assert.equal(readFileSync(path, 'utf8'), 'one\ntwo, of another pro\nthree\nfour\n');
});

test('a file that somebody moved or removed is made again', async t => {
  const path = join(folder(t), 'log');
  const file = await opened(t, path, 1000);
  await file.write(['one\n']);
  renameSync(path, `${path}.moved`);
  await file.write(['two\n']);
  rmSync(path);
  await file.write(['three\n']);
  assert.deepEqual([readFileSync(`${path}.moved`, 'utf8'), readFileSync(path, 'utf8')], ['one\n', 'three\n']);
});

test('what cannot be written is named when it is opened', async t => {
  const path = join(folder(t), 'none', 'log');
  await assert.rejects(RecordFile.open({ path, bytes: 10, files: 1 }), {
    code: 'payload_log_unwritable',
    message: /none\/log cannot be written: ENOENT/,
  });
});

test('a lock that a dead process left is taken away', async t => {
  const at = folder(t);
  const file = await opened(t, join(at, 'log'));
  await file.write(['one one\n']);
  writeFileSync(join(at, 'log.lock'), '');
  await file.write(['two two\n']);
  assert.deepEqual(readdirSync(at).toSorted(), ['log', 'log.lock'], 'somebody else has it');
  utimesSync(join(at, 'log.lock'), 0, 0);
  await file.write(['three\n']);
  assert.deepEqual(readdirSync(at).toSorted(), ['log', 'log.1']);
});
