/** How the models of a server run, from its flags. */
import type { ModelSettings, ServerConfig } from '#server';
import { counts, largest, middlePriority, places, providers, shortest } from '#spec';
import { duration, integer, oneOf, size, wrong } from './flags.ts';

/** As the command line gives them, defaults filled in. */
export type SettingsFlags = Readonly<
  Record<
    | 'threads'
    | 'instances'
    | 'place'
    | 'provider'
    | 'maxRows'
    | 'maxDelay'
    | 'queueRows'
    | 'queueBytes'
    | 'priorities'
    | 'requestTime',
    string
  >
> & { readonly deadline?: string };

/** How models run that do not say otherwise. Throws `usage_invalid`. */
export function usualOf(flags: SettingsFlags): ModelSettings {
  const { deadline, requestTime } = flags;
  return {
    ...batchingOf(flags),
    ...runtimeOf(flags),
    deadlineMs:
      deadline === undefined
        ? duration('request-time', requestTime, shortest.requestTime)
        : duration('deadline', deadline, shortest.deadline),
    queue: {
      rows: integer('queue-rows', flags.queueRows, counts.queueRows),
      bytes: size('queue-bytes', flags.queueBytes, largest.memory),
    },
    priorities: prioritiesOf(flags.priorities),
    share: 1,
  };
}

function batchingOf(flags: SettingsFlags): Pick<ModelSettings, 'maxRows' | 'maxDelayMs'> {
  const maxRows = integer('max-rows', flags.maxRows, counts.maxRows);
  const maxDelayMs = duration('max-delay', flags.maxDelay, shortest.maxDelay);
  if (maxRows > 1 || maxDelayMs === 0) return { maxRows, maxDelayMs };
  throw wrong(`--max-delay ${flags.maxDelay} has no effect with --max-rows 1`);
}

function runtimeOf(
  flags: SettingsFlags,
): Pick<ModelSettings, 'threads' | 'instances' | 'place' | 'provider'> {
  const { instances: given } = flags;
  const place = oneOf('place', flags.place, places);
  const instances = given === 'auto' ? given : integer('instances', given, counts.instances);
  if (place === 'inline' && instances !== 'auto')
    throw wrong(`--instances ${instances} has no effect with --place inline`);
  return {
    threads: integer('threads', flags.threads, counts.threads),
    provider: oneOf('provider', flags.provider, providers),
    place,
    instances,
  };
}

/** `LEVELS` or `LEVELS:USUAL`. */
function prioritiesOf(text: string): ModelSettings['priorities'] {
  const [first = '', second, ...more] = text.split(':');
  if (more.length > 0) throw wrong(`--priorities must be LEVELS or LEVELS:USUAL, not '${text}'`);
  const levels = integer('priorities', first, counts.priorities);
  const most = { ...counts.priorities, most: levels };
  return {
    levels,
    usual: second === undefined ? middlePriority(levels) : integer('priorities', second, most),
  };
}

/** Each model's part of the machine: `MODEL=2`. Throws `usage_invalid`. */
export function sharesOf(flags: readonly string[]): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const flag of flags) {
    const [, name, share] = /^([^:=]+)=([^:=]+)$/.exec(flag) ?? [];
    if (name === undefined || share === undefined) throw wrong(`--share must be MODEL=NUMBER, not '${flag}'`);
    if (shares.has(name)) throw wrong(`--share says twice what part '${name}' has`);
    shares.set(name, integer('share', share, counts.share));
  }
  return shares;
}

/** How the models of a server change while it runs, and when they are loaded. */
export interface ControlFlags {
  readonly modelControl?: true;
  readonly poll?: string;
  readonly lazy?: true;
  readonly memory?: string;
}

/** Throws `usage_invalid`. */
export function controlOf(flags: ControlFlags): Pick<ServerConfig, 'modelControl' | 'pollMs' | 'lazy'> {
  const { modelControl = false, poll, lazy = false, memory } = flags;
  if (modelControl && poll !== undefined)
    throw wrong('--poll and --model-control exclude each other: either the folder decides or clients do');
  if (memory !== undefined && !lazy)
    throw wrong('--memory is for the models of a server that loads them when they are asked for: add --lazy');
  const memoryBytes = memory === undefined ? Infinity : size('memory', memory, largest.memory);
  return {
    modelControl,
    ...(poll !== undefined && { pollMs: duration('poll', poll, shortest.poll) }),
    ...(lazy && { lazy: { memoryBytes } }),
  };
}
