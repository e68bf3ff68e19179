import { setTimeout } from 'node:timers/promises';
import { HttpClient } from '../clients/http.ts';
import type { Place } from '../clients/place.ts';
import { Latencies } from '../report/latencies.ts';
import { cpuSecondsOf } from './process.ts';

const EVERY_MS = 200;

/** Within this, `/health` has to answer. Milliseconds. */
const MOST_MS = 1000;

/** However busy the machine is with others. Milliseconds. */
const MOST_WAIT_MS = 8000;

export interface HealthOptions {
  readonly place: Place;
  readonly pid: number;
  readonly signal: AbortSignal;
  readonly onFault: (what: string) => void;
}

/** Asks `/health` all the time, as a load balancer does: it must say that all is well, and soon. */
export async function watchHealth(options: HealthOptions): Promise<Latencies> {
  const client = new HttpClient(options.place, 1);
  const latencies = new Latencies();
  while (!options.signal.aborted) {
    await ask(client, latencies, options);
    await setTimeout(EVERY_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
  client.close();
  return latencies;
}

async function ask(
  client: HttpClient,
  latencies: Latencies,
  { pid, onFault, signal }: HealthOptions,
): Promise<void> {
  const since = performance.now();
  const cpu = cpuSecondsOf(pid);
  const own = process.cpuUsage();
  try {
    const { status, body } = await client.send({
      path: '/health',
      signal: AbortSignal.timeout(MOST_WAIT_MS),
    });
    if (status !== 200) onFault(`/health is ${status}: ${body.toString().slice(0, 300)}`);
  } catch (error: unknown) {
    if (!signal.aborted) onFault(`/health failed: ${String(error)}`);
  }
  const ms = performance.now() - since;
  latencies.add(ms);
  if (ms <= MOST_MS) return;
  // A process that did not get the processor, or a client that did not look, is not the server's fault.
  const busy = (cpuSecondsOf(pid) - cpu) * 1000;
  const { user, system } = process.cpuUsage(own);
  const isOurs = (user + system) / 1000 > ms / 2;
  if (busy > ms / 2 && !isOurs)
    onFault(`/health took ${Math.round(ms)} ms, in which the server was busy for ${Math.round(busy)}`);
}
