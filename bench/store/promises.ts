/** What a pull costs when it is not the first: after a kill, a second time, and ten at once. Bytes are counted at the server's side. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type CountingProxy, countingProxy } from '../../test/programs/counting-proxy.ts';
import { pull, store } from './fairlead.ts';
import { mustRun, watch } from './measured.ts';
import type { Laid } from './origins/origin.ts';

export interface Resumed {
  /** Parts of all bytes: sent until the kill, and by the pull after it. */
  readonly killedAt: number;
  readonly again: number;
  readonly seconds: number;
}

export async function resume(laid: Laid, size: number, folder: string, at = 0.9): Promise<Resumed> {
  return proxied(laid, folder, async (proxy, asked, uri) => {
    const first = watch(pull(uri, asked));
    const early = await Promise.race([first.ended, sentSo(proxy, at * size)]);
    first.kill('SIGKILL');
    await first.ended;
    if (early !== undefined)
      throw new Error(`the pull ended before it could be killed (${early.code}): ${early.stderr}`);
    // What was on its way to the dead is not the next one's.
    proxy.block();
    const killedAt = proxy.sent() / size;
    proxy.forget();
    proxy.unblock();
    const { seconds } = await mustRun(pull(uri, asked));
    return { killedAt, again: proxy.sent() / size, seconds };
  });
}

/** Once the server has sent so many bytes. */
function sentSo(proxy: CountingProxy, bytes: number): Promise<undefined> {
  return new Promise(resolve => {
    const timer = setInterval(() => {
      if (proxy.sent() < bytes) return;
      clearInterval(timer);
      resolve(undefined);
    }, 2);
    timer.unref();
  });
}

export interface Again {
  readonly seconds: number;
  readonly sent: number;
  readonly verifySeconds: number;
  /** `sha256sum` of the same bytes. */
  readonly sumSeconds: number;
}

export async function cached(laid: Laid, artifact: string, folder: string): Promise<Again> {
  return proxied(laid, folder, async (proxy, asked, uri) => {
    await mustRun(pull(uri, asked));
    proxy.forget();
    const { seconds } = await mustRun(pull(uri, asked));
    const sent = proxy.sent();
    const verified = await mustRun(store(['verify'], asked));
    const sum = await mustRun({ argv: ['sha256sum', artifact], deadlineMs: 300_000 });
    return { seconds, sent, verifySeconds: verified.seconds, sumSeconds: sum.seconds };
  });
}

export interface Together {
  readonly processes: number;
  /** Times the artifact's size that left the server. */
  readonly times: number;
  readonly seconds: number;
  /** Most resident memory of one of them. */
  readonly peakBytes: number;
}

export async function together(laid: Laid, size: number, folder: string, processes = 10): Promise<Together> {
  return proxied(laid, folder, async (proxy, asked, uri) => {
    const since = performance.now();
    const runs = await Promise.all(Array.from({ length: processes }, () => mustRun(pull(uri, asked))));
    const digests = new Set(runs.map(({ stdout }) => /sha256:[0-9a-f]{64}/.exec(stdout)?.[0]));
    if (digests.size !== 1 || digests.has(undefined))
      throw new Error(`the processes disagree: ${[...digests].join(', ')}`);
    return {
      processes,
      times: proxy.sent() / size,
      seconds: (performance.now() - since) / 1000,
      peakBytes: Math.max(...runs.map(run => run.peakBytes)),
    };
  });
}

type Doing<T> = (
  proxy: CountingProxy,
  asked: { cache: string; env: Readonly<Record<string, string>> },
  uri: string,
) => Promise<T>;

/** With a proxy before the server and a cache of its own, both gone afterwards. */
async function proxied<T>({ server, through }: Laid, folder: string, doing: Doing<T>): Promise<T> {
  const proxy = await countingProxy(server);
  const cache = join(folder, 'cache');
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  try {
    const { uri, env } = through(proxy.port);
    return await doing(proxy, { cache, env }, uri);
  } finally {
    await proxy.close();
    rmSync(cache, { recursive: true, force: true });
  }
}
