/** Triton's batches, queues and priorities as a model's settings. Source: its model_config.proto and model configuration guide. */
import { counts } from '#spec';
import type { ModelSettings } from '../../models/settings.ts';
import type { ModelDynamicBatching, ModelQueuePolicy } from '../../protobuf/model-config-scheduling.ts';
import type { Decoded } from '../../protobuf/schema.ts';
import type { Ledger } from '../ledger.ts';
import type { Config } from './config.ts';

type DynamicBatching = Decoded<typeof ModelDynamicBatching>;
type QueuePolicy = Decoded<typeof ModelQueuePolicy>;

/** Timers count milliseconds in 32 bits, and nothing here is meant to take a day. */
const MOST_MILLISECONDS = 24 * 3_600_000;

export function batching(config: Config, ledger: Ledger, usual: ModelSettings): Partial<ModelSettings> {
  const choice = config.scheduling_choice;
  const dynamic = choice?.case === 'dynamic_batching' ? choice.value : undefined;
  const rows = maxRows(config, dynamic !== undefined, ledger);
  if (dynamic === undefined) return rows;
  ledger.use('dynamic_batching');
  const priorities = prioritiesOf(dynamic, ledger);
  return {
    ...rows,
    ...delayOf(dynamic, rows.maxRows, ledger),
    ...priorities,
    ...queueOf(dynamic, priorities.priorities?.usual ?? 0, { ledger, usual }),
  };
}

/** Whether Triton would find out by itself what the model takes and gives, and with that whether it has batches. */
export function isCompleted({ input, output }: Config, ledger: Ledger): boolean {
  return !ledger.has('max_batch_size') && input.length === 0 && output.length === 0;
}

function maxRows(config: Config, dynamic: boolean, ledger: Ledger): Pick<Partial<ModelSettings>, 'maxRows'> {
  const PATH = 'max_batch_size';
  const { max_batch_size: most } = config;
  if (isCompleted(config, ledger)) return {};
  if (most < 0) ledger.refuse(PATH, 'must not be negative');
  if (most > 0 && !dynamic) {
    ledger.use(PATH, 'maxRows');
    ledger.note(PATH, 'without dynamic_batching requests do not share a run');
    return { maxRows: 1 };
  }
  if (!ledger.has(PATH)) ledger.note(PATH, 'is not there, so that requests do not share a run');
  return {
    maxRows: Math.max(1, capped(most, counts.maxRows.most, { path: PATH, setting: 'maxRows', ledger })),
  };
}

interface Place {
  readonly path: string;
  readonly setting: keyof ModelSettings;
  readonly ledger: Ledger;
}

/** A number, or the most that there may be of it here. */
export function capped(value: number, most: number, { path, setting, ledger }: Place): number {
  ledger.use(path, setting);
  if (value <= most) return value;
  ledger.note(path, `${most} is the most here, and taken`);
  return most;
}

function delayOf(
  { max_queue_delay_microseconds: delay }: DynamicBatching,
  rows: number | undefined,
  ledger: Ledger,
): Partial<ModelSettings> {
  const path = 'dynamic_batching.max_queue_delay_microseconds';
  if (!ledger.has(path)) return {};
  if (rows === 1) {
    ledger.note(path, 'nothing waits for company where requests do not share a run');
    return {};
  }
  return {
    maxDelayMs: capped(milliseconds(delay), MOST_MILLISECONDS, { path, setting: 'maxDelayMs', ledger }),
  };
}

function milliseconds(microseconds: bigint): number {
  return Number(microseconds) / 1000;
}

function prioritiesOf(
  { priority_levels: levels, default_priority_level: usual }: DynamicBatching,
  ledger: Ledger,
): Pick<Partial<ModelSettings>, 'priorities'> {
  const paths = {
    levels: 'dynamic_batching.priority_levels',
    usual: 'dynamic_batching.default_priority_level',
  };
  if (levels === 0n) {
    if (usual > 0n) ledger.note(paths.usual, 'there are no priority_levels');
    return {};
  }
  const { most } = counts.priorities;
  ledger.use(paths.levels, 'priorities');
  ledger.use(paths.usual, 'priorities');
  if (levels > BigInt(most)) ledger.refuse(paths.levels, `must be at most ${most}`);
  else if (usual < 1n || usual > levels) ledger.refuse(paths.usual, `must be from 1 to ${levels}`);
  return { priorities: { levels: Number(levels), usual: Number(usual) } };
}

interface Surroundings {
  readonly ledger: Ledger;
  readonly usual: ModelSettings;
}

/** The policy of the priority that requests have which say none. */
function queueOf(
  { default_queue_policy: general, priority_queue_policy: special }: DynamicBatching,
  level: number,
  surroundings: Surroundings,
): Partial<ModelSettings> {
  const own = special.get(BigInt(level));
  const policy = own ?? general;
  if (policy === undefined) return {};
  const path = own === undefined ? 'default_queue_policy' : `priority_queue_policy[${level}]`;
  return limitsOf(policy, `dynamic_batching.${path}`, surroundings);
}

function limitsOf(
  { default_timeout_microseconds: timeout, max_queue_size: size }: QueuePolicy,
  path: string,
  { ledger, usual }: Surroundings,
): Partial<ModelSettings> {
  ledger.use(path);
  return {
    ...(timeout > 0n && { deadlineMs: deadline(timeout, `${path}.default_timeout_microseconds`, ledger) }),
    ...(size > 0 && {
      queue: { rows: queueRows(size, `${path}.max_queue_size`, ledger), bytes: usual.queue.bytes },
    }),
  };
}

function deadline(timeout: bigint, path: string, ledger: Ledger): number {
  const ms = capped(milliseconds(timeout), MOST_MILLISECONDS, { path, setting: 'deadlineMs', ledger });
  ledger.note(path, 'counts until the answer, not only in the queue');
  if (ms < 1) ledger.note(path, '1 ms is the least here, and taken');
  return Math.max(1, ms);
}

function queueRows(size: number, path: string, ledger: Ledger): number {
  ledger.note(path, 'counts requests in Triton, and rows here');
  return capped(size, counts.queueRows.most, { path, setting: 'queue', ledger });
}
