import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { Downloads } from '../downloads.ts';
import { fileServer } from '../fixtures/file-server.ts';
import { standIn } from '../fixtures/in-process.ts';
import { HttpDownloads } from './downloads.ts';

function downloadsFor(
  t: TestContext,
  accounts: readonly string[] = [],
  environment: Record<string, string> = {},
): Downloads {
  const downloads = new HttpDownloads({
    patienceMs: 5000,
    connections: 2,
    attempts: 3,
    accounts,
    environment: { HOME: '/nonexistent', ...environment },
    random: { next: () => 0 },
  });
  t.after(() => downloads.close());
  return downloads;
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-downloads-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const signal = AbortSignal.timeout(30_000);
const bytes = Buffer.from('0123456789'.repeat(1000));

test('what lies there is the beginning, and only the rest is asked for', async t => {
  const { origin, files, asked } = await fileServer(t);
  files.set('a', { bytes });
  const into = join(folder(t), 'a');
  writeFileSync(into, bytes.subarray(0, 6000));
  let came = 0;
  const got = await downloadsFor(t).file(`${origin}/a`, into, {
    mostBytes: 20_000,
    signal,
    onBytes: count => (came += count),
  });
  assert.deepEqual([got.size, got.isResumed, came], [10_000, true, 4000]);
  assert.deepEqual(
    asked.map(({ headers }) => headers.range),
    ['bytes=6000-19999'],
  );
  assert.ok(readFileSync(into).equals(bytes));
  const whole = await downloadsFor(t).file(`${origin}/a`, into, { mostBytes: 20_000, signal });
  assert.deepEqual([whole.size, whole.sha256], [10_000, createHash('sha256').update(bytes).digest('hex')]);
  assert.equal(whole.sha256, got.sha256);
});

test('a server without ranges sends all of it again, and what is there already is passed over', async t => {
  const { origin, files } = await fileServer(t, { noRanges: true });
  files.set('a', { bytes });
  const into = join(folder(t), 'a');
  writeFileSync(into, bytes.subarray(0, 6000));
  await downloadsFor(t).file(`${origin}/a`, into, { mostBytes: 20_000, signal });
  assert.ok(readFileSync(into).equals(bytes));
});

test('more than was meant to come is refused', async t => {
  const { origin, files } = await fileServer(t, { noLength: true });
  files.set('a', { bytes });
  const downloads = downloadsFor(t);
  const file = downloads.file(`${origin}/a`, join(folder(t), 'a'), { mostBytes: 9999, signal });
  await assert.rejects(file, { code: 'source_invalid', message: `${origin}/a: it has more than 9999 bytes` });
  const page = downloads.page(`${origin}/a`, { accept: '*/*', mostBytes: 9999, signal });
  await assert.rejects(page, {
    code: 'source_invalid',
    message: `${origin}/a: a page of more than 9999 bytes`,
  });
});

test('a server that is busy is asked again, and one that has nothing is not', async t => {
  let failures = 0;
  const { origin, heard } = await standIn(t, ({ url }, response) => {
    if (url === '/none') response.writeHead(404).end();
    else if (failures++ < 2) response.writeHead(503, { 'retry-after': '0' }).end();
    else response.writeHead(200, { 'content-type': 'text/x' }).end('page');
  });
  const downloads = downloadsFor(t);
  const page = await downloads.page(`${origin}/a?b=1`, { accept: 'text/x', mostBytes: 99, signal });
  assert.deepEqual(page, { text: 'page', type: 'text/x', url: `${origin}/a?b=1` });
  assert.deepEqual(
    heard.map(({ headers }) => headers.accept),
    ['text/x', 'text/x', 'text/x'],
  );
  await assert.rejects(downloads.page(`${origin}/none`, { accept: '*/*', mostBytes: 99, signal }), {
    code: 'source_missing',
  });
  assert.equal(heard.length, 4);
});

test('credentials are those of the URL, of its origin, or of netrc, and go nowhere else', async t => {
  const [one, other] = [
    await standIn(t, (_, response) => void response.end()),
    await standIn(t, (_, response) => void response.end()),
  ];
  const netrc = join(folder(t), 'netrc');
  writeFileSync(netrc, 'machine 127.0.0.1 login net password rc\n');
  const withUser = (user: string, url: string): string => url.replace('://', `://${user}@`);
  const downloads = downloadsFor(t, [withUser('me:a%40b', one.origin), 'no URL'], { NETRC: netrc });
  for (const url of [`${one.origin}/x`, withUser('you:c', `${one.origin}/y`), `${other.origin}/z`])
    await downloads.page(url, { accept: '*/*', mostBytes: 9, signal });
  const sent = [...one.heard, ...other.heard].map(({ headers }) =>
    Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString(),
  );
  assert.deepEqual(sent, ['me:a@b', 'you:c', 'net:rc']);
});

test('a file that cannot be written is told, and nobody is asked again', async t => {
  const { origin, files, asked } = await fileServer(t);
  files.set('a', { bytes });
  await assert.rejects(downloadsFor(t).file(`${origin}/a`, '/nonexistent/a', { mostBytes: 20_000, signal }), {
    code: 'cache_unusable',
  });
  assert.equal(asked.length, 0);
});

test('what lies there and is more than may come is begun anew', async t => {
  const { origin, files } = await fileServer(t);
  files.set('a', { bytes });
  const into = join(folder(t), 'a');
  writeFileSync(into, Buffer.alloc(30_000));
  const got = await downloadsFor(t).file(`${origin}/a`, into, { mostBytes: 20_000, signal });
  assert.deepEqual([got.size, got.isResumed], [10_000, false]);
  assert.ok(readFileSync(into).equals(bytes));
});
