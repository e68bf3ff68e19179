import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Logger } from '#base';
import { FollowedFile } from './followed-file.ts';

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-followed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A file of digits, what it said to be last, and what was logged. */
function follow(t: TestContext, path: string) {
  const logged: string[] = [];
  const heard = Promise.withResolvers<void>();
  let next = heard;
  const tell = (): void => next.resolve();
  const logger: Logger = {
    enabled: () => true,
    log(level) {
      logged.push(level);
      tell();
    },
  };
  const read = (text: string): number => {
    if (!/^\d+$/.test(text)) throw new Error(`'${text}' is no number`);
    return Number(text);
  };
  const file = new FollowedFile(path, { read, logger, lookMs: 10 });
  t.after(() => file.close());
  /** Waits for the next line of the log: a file read again, or a fault. */
  const change = async (edit: () => void): Promise<number> => {
    next = Promise.withResolvers<void>();
    edit();
    await next.promise;
    return file.value;
  };
  return { file, change, logged };
}

test('an edit counts, however the file is written', async t => {
  const folder = place(t);
  const path = join(folder, 'file');
  writeFileSync(path, '1');
  const { file, change } = follow(t, path);
  assert.equal(file.value, 1);
  assert.equal(await change(() => writeFileSync(path, '2')), 2);
  const other = join(folder, 'other');
  writeFileSync(other, '3');
  assert.equal(await change(() => renameSync(other, path)), 3);
});

test('an edit of the same length and time counts', async t => {
  const path = join(place(t), 'file');
  writeFileSync(path, '1');
  utimesSync(path, 1000, 1000);
  const { change } = follow(t, path);
  assert.equal(
    await change(() => {
      writeFileSync(path, '2');
      utimesSync(path, 1000, 1000);
    }),
    2,
  );
});

test('a volume of Kubernetes, which leads elsewhere by a link, counts', async t => {
  const folder = place(t);
  for (const version of ['1', '2']) {
    mkdirSync(join(folder, `..${version}`));
    writeFileSync(join(folder, `..${version}`, 'file'), version);
  }
  symlinkSync('..1', join(folder, '..data'));
  symlinkSync(join('..data', 'file'), join(folder, 'file'));
  const { change } = follow(t, join(folder, 'file'));
  const swap = (): void => {
    symlinkSync('..2', join(folder, '..new'));
    renameSync(join(folder, '..new'), join(folder, '..data'));
  };
  assert.equal(await change(swap), 2);
});

test('what is wrong is said once, the last good text holds, and the next good one counts', async t => {
  const path = join(place(t), 'file');
  writeFileSync(path, '1');
  const { change, logged } = follow(t, path);
  assert.equal(await change(() => writeFileSync(path, 'one')), 1);
  assert.equal(await change(() => unlinkSync(path)), 1);
  assert.equal(await change(() => writeFileSync(path, '4')), 4);
  assert.deepEqual(logged, ['error', 'error', 'info']);
});

test('a file that is wrong at first is refused', t => {
  const path = join(place(t), 'file');
  const open = (): unknown => new FollowedFile(path, { read: Number, logger: silent });
  assert.throws(open, { code: 'file_unreadable' });
  writeFileSync(path, 'x'.repeat(1024 * 1024 + 1));
  assert.throws(open, { code: 'file_unreadable', message: /larger than 1048576 bytes/ });
});

const silent: Logger = { enabled: () => false, log: () => undefined };
