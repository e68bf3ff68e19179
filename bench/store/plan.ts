/** What the bench is asked. */
import { parseArgs } from 'node:util';

export const usage =
  'usage: node scripts/run.mjs bench/store/run.ts [--quick] [--size MIB] [--shared MB] [--rounds N] [--connections N]\n' +
  '         [--only http,s3,oci,gs,az] [--parts speed,resume,cached,together] [--json FILE]';

export const PARTS = ['speed', 'resume', 'cached', 'together'] as const;
export type Part = (typeof PARTS)[number];

export const SCHEMES = ['http', 's3', 'oci', 'gs', 'az'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface Plan {
  /** Bytes of the artifact that is timed, and of the one that ten processes pull. */
  readonly size: number;
  readonly shared: number;
  readonly rounds: number;
  /** Of each peer that can be told; fairlead has its own number, which the report says. */
  readonly connections: number;
  readonly only: readonly Scheme[];
  readonly parts: readonly Part[];
  readonly json?: string | undefined;
  /** A promise that is broken is said, and does not fail the run: timings on a busy machine are no proof. */
  readonly quick: boolean;
}

export function readPlan(args: readonly string[]): Plan {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const quick = values.quick;
  return {
    size: whole('--size', values.size ?? (quick ? '192' : '4096')) * 1024 * 1024,
    shared: whole('--shared', values.shared ?? (quick ? '64' : '500')) * 1_000_000,
    rounds: whole('--rounds', values.rounds ?? (quick ? '1' : '3')),
    connections: whole('--connections', values.connections),
    only: listed('--only', values.only, SCHEMES),
    parts: listed('--parts', values.parts, PARTS),
    json: values.json,
    quick,
  };
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  size: { type: 'string' },
  shared: { type: 'string' },
  rounds: { type: 'string' },
  connections: { type: 'string', default: '8' },
  only: { type: 'string' },
  parts: { type: 'string' },
  json: { type: 'string' },
} as const;

function whole(flag: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${flag} must be a whole number from 1 on, not '${text}'`);
  return number;
}

function listed<T extends string>(flag: string, text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined) return all;
  const chosen = text.split(',');
  const unknown = chosen.find(name => !all.some(one => one === name));
  if (unknown !== undefined) throw new Error(`${flag} takes ${all.join(', ')}, not '${unknown}'`);
  return all.filter(name => chosen.includes(name));
}
