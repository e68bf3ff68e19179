/** Everything that can go wrong between a store and a pull, one at a time: the answer is right, or the error says what to do. */
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fault, FaultProxy, type Seen } from '../../src/store/fixtures/fault-proxy.ts';
import { sha256 } from './journey.ts';
import { digestIn, store } from './pull.ts';
import type { Shop } from './shops/shop.ts';

/** More than one part of a download. */
const SIZE = 24 * 1024 * 1024;
const model = createCipheriv('aes-128-ctr', Buffer.alloc(16, 3), Buffer.alloc(16)).update(Buffer.alloc(SIZE));
const digest = `sha256:${sha256(model)}`;

interface Case {
  readonly fault: Fault;
  /** Requests that meet it; all without. */
  readonly times?: number;
  /** It is overcome; otherwise a pull may fail, with words. */
  readonly isOvercome?: boolean;
  /** What its error names. */
  readonly says?: RegExp;
  /** Without a pin nobody can tell: not every store says what its bytes are. */
  readonly isPinned?: boolean;
}

const status = (code: number): Fault => ({ kind: 'status', status: code });

/** Of requests for bytes, but where the fault has a status: then of all. */
const cases: readonly Case[] = [
  { fault: { kind: 'cut', after: 1_000_000 }, times: 3, isOvercome: true },
  { fault: { kind: 'cut' }, times: 2, isOvercome: true },
  { fault: { kind: 'cut', after: 100_000 } },
  { fault: { kind: 'slow', bytesPerSecond: 4_000_000 }, times: 2, isOvercome: true },
  { fault: status(403), says: /status 403/ },
  { fault: status(404), says: /status 404/ },
  { fault: status(416) },
  { fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } }, times: 2, isOvercome: true },
  { fault: status(500), times: 2, isOvercome: true },
  { fault: status(500), says: /status 500/ },
  { fault: status(503), times: 1, isOvercome: true },
  {
    fault: { kind: 'flip', at: 5_000_000 },
    isPinned: true,
    says: /has the digest sha256:[0-9a-f]{64}, and sha256:/,
  },
  { fault: { kind: 'flip', at: 5_000_000 }, isPinned: true, times: 1, isOvercome: true },
  { fault: { kind: 'changed' } },
  { fault: { kind: 'ignoresRange' } },
  { fault: { kind: 'length', by: 1000 }, times: 2 },
  { fault: { kind: 'length', by: -1000 }, times: 2 },
];

const AT_ONCE = 3;

export async function faults(shop: Shop): Promise<string> {
  await shop.put('large', model);
  const outcomes = new Map<string, number>();
  const left = [...cases];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const outcome = await meet(shop, next).catch((error: unknown) => {
        throw new Error(`${shop.scheme}, ${JSON.stringify(next.fault)}, ${next.times ?? 'always'}`, {
          cause: error,
        });
      });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

async function meet(shop: Shop, { fault, times, isOvercome, says, isPinned }: Case): Promise<string> {
  const cache = mkdtempSync(join(tmpdir(), 'fairlead-faults-'));
  const proxy = new FaultProxy(shop.origin);
  await proxy.listen();
  try {
    const env = { ...shop.env(proxy.origin), FAIRLEAD_CACHE: cache };
    const uri = shop.uri('large', proxy.origin);
    proxy.inject(fault, {
      ...(times === undefined ? {} : { times }),
      when: request => isFor(fault, request),
    });
    const pull = ['pull', uri, ...(isPinned === true ? ['--digest', digest] : [])];
    const { code, stdout, stderr } = await store(pull, env);
    if (code === 0) assert.equal(digestIn(stdout), digest, 'what came is what is there');
    else isClear(uri, { code, stderr }, says);
    if (isOvercome === true) assert.equal(code, 0, stderr);
    if (says !== undefined) assert.notEqual(code, 0);
    await isWhole(env, code === 0);
    proxy.heal();
    const again = await store(pull, env);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(digestIn(again.stdout), digest);
    return code === 0 ? 'overcome' : 'refused with a reason, then pulled';
  } finally {
    await proxy.close();
    rmSync(cache, { recursive: true, force: true });
  }
}

function isFor({ kind }: Fault, { method, url, headers }: Seen): boolean {
  if (kind === 'status' || method !== 'GET') return kind === 'status';
  return headers.range !== undefined || /large|blobs\/sha256|alt=media/.test(url);
}

/** One sentence with the URI, and no stack. */
function isClear(
  uri: string,
  { code, stderr }: { code: number | null; stderr: string },
  says?: RegExp,
): void {
  assert.ok(code !== null, `it hung, or was killed: ${stderr}`);
  const named = uri.replace(/\?.*/, '');
  assert.ok(stderr.includes(named), `the URI is not named: ${stderr}`);
  assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m);
  if (says !== undefined) assert.match(stderr, says);
}

/** Whatever happened, the cache shows all of it or nothing. */
async function isWhole(env: Readonly<Record<string, string>>, isThere: boolean): Promise<void> {
  const { code, stdout, stderr } = await store(['verify'], env);
  assert.equal(code, 0, stdout + stderr);
  const listed = await store(['list'], env);
  assert.equal(digestIn(listed.stdout), isThere ? digest : undefined, listed.stdout);
}
