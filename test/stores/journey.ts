/** What a user goes through with one store: pull, serve, a model that is replaced, a wrong pin, a cache that was damaged. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultProxy } from '../../src/store/fixtures/fault-proxy.ts';
import { root, startProgram } from '../programs/fairlead.ts';
import { digestIn, type Ended, fairlead, store } from './pull.ts';
import type { Shop } from './shops/shop.ts';

const examples = join(root, 'examples/digits');
const [first, second] = ['1', '2'].map(version =>
  readFileSync(join(examples, 'models/digits', version, 'model.onnx')),
) as [Buffer, Buffer];

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const digestOf = (bytes: Uint8Array): string => `sha256:${sha256(bytes)}`;

export async function journey(shop: Shop): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'fairlead-journey-'));
  const proxy = new FaultProxy(shop.origin);
  await proxy.listen();
  const at = proxy.origin;
  const env = { ...shop.env(at), FAIRLEAD_CACHE: cache };
  const uri = shop.uri('digits', at);
  const about: About = { shop, cache, env, uri, proxy };
  try {
    await shop.put('digits', first);
    await pulls(about);
    await serves(about);
    await isReplaced(about);
    await isPinned(about);
    await isDamaged(about);
  } finally {
    await proxy.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

interface About {
  readonly shop: Shop;
  readonly cache: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uri: string;
  readonly proxy: FaultProxy;
}

/** The first pull fetches it, and the second one nothing of it. */
async function pulls({ env, uri, proxy }: About): Promise<void> {
  succeeded(await store(['pull', uri], env), digestOf(first));
  assert.ok(proxy.sent >= first.length, 'it came through the proxy');
  const before = proxy.sent;
  succeeded(await store(['pull', uri], env), digestOf(first));
  const again = proxy.sent - before;
  assert.ok(again < first.length, `a second pull had ${again} bytes sent for a model of ${first.length}`);
}

/** A remote URI where a path would stand. */
async function serves({ env, uri }: About): Promise<void> {
  const program = await startProgram(['serve', `digits=${uri}`], env, 60);
  try {
    const about = await (await fetch(`${program.url}/v2/models/digits`)).text();
    assert.equal(digestIn(about), digestOf(first), about);
    const body = readFileSync(join(examples, 'request.json'));
    const answer = await fetch(`${program.url}/models/digits/predict`, { method: 'POST', body });
    const { predictions } = (await answer.json()) as { predictions: unknown[] };
    assert.ok(predictions.length > 0);
  } finally {
    await program.stop();
  }
}

/** A pull has what is there now; what was pinned stays what it was, and needs no store. */
async function isReplaced({ shop, env, uri, proxy }: About): Promise<void> {
  await shop.put('digits', second);
  succeeded(await store(['pull', uri], env), digestOf(second));
  const heal = proxy.inject({ kind: 'status', status: 500 });
  succeeded(await store(['pull', uri, '--digest', digestOf(first)], env), digestOf(first));
  heal();
}

/** What is not what was pinned is refused, and both digests are named. */
async function isPinned({ env, uri }: About): Promise<void> {
  const wrong = `sha256:${'0'.repeat(64)}`;
  const { code, stderr } = await store(['pull', uri, '--digest', wrong], env);
  assert.equal(code, 3, stderr);
  assert.ok(stderr.includes(wrong) && stderr.includes(digestOf(second)), stderr);
}

/** One byte of the cache: it is found, it is not served, and a pull mends it once the store is there again. */
async function isDamaged({ cache, env, uri, proxy }: About): Promise<void> {
  const damaged = fileWith(cache, second);
  flip(damaged);
  const bad = sha256(readFileSync(damaged));
  const verified = await store(['verify'], env);
  assert.equal(verified.code, 1, verified.stdout + verified.stderr);
  const said = verified.stdout + verified.stderr;
  assert.ok(
    [sha256(second), bad, '.onnx'].every(part => said.includes(part)),
    said,
  );
  const heal = proxy.inject({ kind: 'status', status: 500 });
  const served = await fairlead(['serve', `digits=${uri}`, '--port', '0'], { ...env, FAIRLEAD_OFFLINE: '1' });
  assert.ok(served.code !== 0, 'a damaged model is not served');
  assert.ok(
    [sha256(second), bad].every(part => served.stderr.includes(part)),
    served.stderr,
  );
  const refused = await store(['pull', uri, '--digest', digestOf(second)], env);
  assert.ok(refused.code !== 0, 'nor handed out');
  heal();
  succeeded(await store(['pull', uri], env), digestOf(second));
  assert.equal((await store(['verify'], env)).code, 0);
}

export function succeeded({ code, stdout, stderr }: Ended, digest: string): void {
  assert.equal(code, 0, stderr);
  assert.equal(digestIn(stdout), digest, stdout);
}

/** The first file below a folder that has these bytes. */
export function fileWith(folder: string, bytes: Uint8Array): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name));
  const found = names.find(path => statSync(path).isFile() && readFileSync(path).equals(bytes));
  assert.ok(found !== undefined, `nothing below ${folder} has the bytes of the model`);
  return found;
}

/** One bit of the byte in the middle; the mode and the time of the file stay. */
export function flip(path: string): void {
  const file = openSync(path, 'r+');
  const at = Math.floor(statSync(path).size / 2);
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}
