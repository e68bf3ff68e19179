/** What to measure, how long and how often, from the command line. */
import { parseArgs } from 'node:util';
import type { Contestant } from './contestant.ts';

/** `mlp`, `cnn` and `bert` serve one model, `mixed` the MLP and the CNN in one server. */
export const suites = ['mlp', 'cnn', 'bert', 'mixed'] as const;
export type Suite = (typeof suites)[number];

export interface Plan {
  readonly suites: readonly Suite[];
  readonly rounds: number;
  /** Of each measurement of the MLP; wrk takes whole seconds. */
  readonly seconds: number;
  /** Before each measurement of the MLP: long enough for a just-in-time compiler to have seen thousands of requests. */
  readonly warmUpSeconds: number;
  readonly connections: readonly number[];
  /** The heavier models take longer to show a rate, and vary less from round to round. */
  readonly heavy: {
    readonly rounds: number;
    readonly seconds: number;
    readonly connections: readonly number[];
  };
  /** Those that matter most; not all. */
  readonly quick: boolean;
  /** The beginnings of the names of those measured; undefined for all. */
  readonly only?: readonly string[];
  readonly installOnly: boolean;
  /** Where to write every sample as JSON. */
  readonly json?: string;
}

export const usage =
  'usage: run.ts [--quick] [--only NAME,…] [--models mlp,cnn,bert,mixed] [--rounds N] [--seconds S] [--json FILE] [--install]';

const options = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  models: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  json: { type: 'string' },
  install: { type: 'boolean' },
} as const;

type Lengths = Pick<Plan, 'suites' | 'seconds' | 'warmUpSeconds' | 'connections' | 'heavy'>;

const full: Lengths = {
  suites,
  seconds: 3,
  warmUpSeconds: 4,
  connections: [1, 32, 128],
  heavy: { rounds: 2, seconds: 6, connections: [4, 8] },
};
const short: Lengths = {
  suites: ['mlp', 'cnn'],
  seconds: 1,
  warmUpSeconds: 2,
  connections: [32],
  heavy: { rounds: 1, seconds: 3, connections: [4] },
};

/** Throws an Error with one sentence when the arguments are wrong. */
export function parsePlan(args: readonly string[]): Plan {
  const { values } = parseArgs({ args: [...args], options });
  const { quick = false, install = false, only, models, json } = values;
  const usual = quick ? short : full;
  const rounds = wholeNumber('--rounds', values.rounds) ?? 3;
  const seconds = wholeNumber('--seconds', values.seconds);
  const heavy = { ...usual.heavy, rounds: Math.min(rounds, usual.heavy.rounds) };
  return {
    ...usual,
    ...(models === undefined ? {} : { suites: parseSuites(models) }),
    rounds,
    seconds: seconds ?? usual.seconds,
    heavy: { ...heavy, seconds: seconds ?? heavy.seconds },
    quick,
    ...(only === undefined ? {} : { only: only.split(',') }),
    installOnly: install,
    ...(json === undefined ? {} : { json }),
  };
}

/** Those among `all` that a plan measures. Throws when it names one that is not there. */
export function chosen(all: readonly Contestant[], { quick, only }: Plan): readonly Contestant[] {
  if (only === undefined) return quick ? all.filter(contestant => contestant.quick) : all;
  const begins = ({ name }: Contestant, part: string): boolean =>
    name.toLowerCase().startsWith(part.toLowerCase());
  const unknown = only.find(part => !all.some(contestant => begins(contestant, part)));
  if (unknown !== undefined)
    throw new Error(`--only knows no '${unknown}': ${all.map(({ name }) => `'${name}'`).join(', ')}`);
  return all.filter(contestant => only.some(part => begins(contestant, part)));
}

function parseSuites(text: string): readonly Suite[] {
  const named = text.split(',');
  const unknown = named.find(name => !suites.some(suite => suite === name));
  if (unknown !== undefined) throw new Error(`--models takes ${suites.join()}, not '${unknown}'`);
  return suites.filter(suite => named.includes(suite));
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`${option} must be a whole number of at least 1, not '${text}'`);
}
