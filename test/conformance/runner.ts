/** Runs cases one after the other: each ends within its time, and after each the server must be well. */
import { setTimeout } from 'node:timers/promises';
import { type Case, Skip } from './case.ts';
import { batching } from './cases/batching.ts';
import { binary } from './cases/binary.ts';
import { classification } from './cases/classification.ts';
import { compression } from './cases/compression.ts';
import { datatypes } from './cases/datatypes.ts';
import { grpc } from './cases/grpc.ts';
import { grpcStreams } from './cases/grpc-streams.ts';
import { http } from './cases/http.ts';
import { infer } from './cases/infer.ts';
import { json } from './cases/json.ts';
import { life } from './cases/life.ts';
import { metadata } from './cases/metadata.ts';
import { predictCases } from './cases/predict.ts';
import { repository } from './cases/repository.ts';
import { shapes } from './cases/shapes.ts';
import { statisticsCases } from './cases/statistics.ts';
import { tfserving } from './cases/tfserving.ts';
import type { Peer } from './peer.ts';

/** Every case, by number. */
export const cases: readonly Case[] = [
  ...metadata,
  ...infer,
  ...shapes,
  ...datatypes,
  ...json,
  ...binary,
  ...compression,
  ...http,
  ...classification,
  ...batching,
  ...repository,
  ...statisticsCases,
  ...grpc,
  ...grpcStreams,
  ...tfserving,
  ...predictCases,
  ...life,
].toSorted((a, b) => a.id - b.id);

export interface Outcome {
  readonly id: number;
  readonly title: string;
  readonly result: 'pass' | 'fail' | 'skip';
  /** Why it failed or was skipped; of a pass, what it could not ask. */
  readonly reason: string;
  readonly ms: number;
}

/** No case takes longer. Milliseconds. */
const MOST_MS = 60_000;

export async function runCase(one: Case, peer: Peer): Promise<Outcome> {
  const { id, title } = one;
  const since = performance.now();
  const outcome = (result: Outcome['result'], reason: string): Outcome => ({
    id,
    title,
    result,
    reason,
    ms: Math.round(performance.now() - since),
  });
  try {
    const lack = await peer.lacks(one.needs ?? []);
    if (lack !== undefined) return outcome('skip', lack);
    const note = await withinTime(one.run(peer));
    await peer.assertWell();
    return outcome('pass', note ?? '');
  } catch (error: unknown) {
    if (error instanceof Skip) return outcome('skip', error.message);
    return outcome('fail', error instanceof Error ? error.message : String(error));
  }
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = setTimeout(MOST_MS, undefined, { signal: over.signal }).then(() =>
    Promise.reject(new Error(`no end within ${MOST_MS / 1000} s`)),
  );
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

/** The cases that a list such as `14-20,63` names; undefined is all. Throws on what is no such list. */
export function chosen(list: string | undefined): readonly Case[] {
  if (list === undefined) return cases;
  const ranges = list.split(',').map(part => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined) throw new Error(`'${part}' is no case and no range of cases`);
    return [Number(first), Number(last)] as const;
  });
  return cases.filter(({ id }) => ranges.some(([first, last]) => first <= id && id <= last));
}
