/** Triton's `parameters`, of which ONNX Runtime's backend has some. Source: that backend's README. */
import { counts } from '#spec';
import type { ModelSettings } from '../../models/settings.ts';
import type { Ledger } from '../ledger.ts';
import { capped } from './batching.ts';
import type { Config } from './config.ts';

const THREADS = 'intra_op_thread_count';
const ARENA = 'enable_mem_arena';

const whys: Readonly<Record<string, string>> = {
  inter_op_thread_count: "one thread goes through a model's operators",
  execution_mode: "one thread goes through a model's operators",
  level: 'ONNX Runtime optimises graphs as it does by itself',
};

export function parameters(config: Config, ledger: Ledger): Partial<ModelSettings> {
  for (const [key, why] of Object.entries(whys))
    if (config.parameters.has(key)) ledger.note(pathOf(key), why);
  const threads = config.parameters.get(THREADS)?.string_value;
  const arena = config.parameters.get(ARENA)?.string_value;
  return {
    ...(threads !== undefined && threadsOf(threads, ledger)),
    ...(arena !== undefined && arenaOf(arena, ledger)),
  };
}

function pathOf(key: string): string {
  return `parameters[${JSON.stringify(key)}].string_value`;
}

/** 0 leaves it to ONNX Runtime, and here to the server. */
function threadsOf(text: string, ledger: Ledger): Partial<ModelSettings> {
  const path = pathOf(THREADS);
  if (!/^\d{1,9}$/.test(text)) {
    ledger.refuse(path, 'must be a whole number');
    return {};
  }
  if (Number(text) > 0)
    return { threads: capped(Number(text), counts.threads.most, { path, setting: 'threads', ledger }) };
  ledger.note(path, 'the server has a number of its own');
  return {};
}

function arenaOf(text: string, ledger: Ledger): Partial<ModelSettings> {
  const path = pathOf(ARENA);
  if (text !== '0' && text !== '1') ledger.refuse(path, 'must be 0 or 1');
  ledger.use(path, 'arena');
  return { arena: text === '1' };
}
