/** What to measure and for how long, from the command line. */
import { parseArgs } from 'node:util';
import type { Pattern } from '../../measure/open-loop/arrivals.ts';
import { models } from './models.ts';

export interface Plan {
  readonly rounds: number;
  /** Of each point, and of each number of clients in the search for the capacity. */
  readonly seconds: number;
  /** Offered, in multiples of the capacity, ascending. */
  readonly points: readonly number[];
  readonly deadlineMs: number;
  readonly pattern: Pattern;
  readonly seed: number;
  /** Names of models. */
  readonly models: readonly string[];
  /** Parts of names of servers, any case; none means all. */
  readonly only: readonly string[];
  /** Where to write every measurement as JSON. */
  readonly json?: string;
}

export const usage =
  'usage: run.ts [--quick] [--only SERVER,…] [--models dense,convolution,digits] [--deadline MS] [--points N,…] ' +
  '[--rounds N] [--seconds S] [--pattern poisson|even] [--seed N] [--json FILE]';

const options = {
  quick: { type: 'boolean' },
  only: { type: 'string' },
  models: { type: 'string' },
  deadline: { type: 'string', default: '100' },
  points: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  pattern: { type: 'string', default: 'poisson' },
  seed: { type: 'string', default: '1' },
  json: { type: 'string' },
} as const;

const full = { rounds: '3', seconds: '3', points: '0.5,0.8,1,1.5,2.5,3', models: 'dense,convolution' };
const quick = { rounds: '1', seconds: '2', points: '0.5,1,1.5,2.5', models: 'dense' };

/** Throws an Error with one sentence when the arguments are wrong. */
export function parsePlan(args: readonly string[]): Plan {
  const { values } = parseArgs({ args: [...args], options });
  const usual = values.quick ? quick : full;
  return {
    rounds: whole('--rounds', values.rounds ?? usual.rounds),
    seconds: positive('--seconds', values.seconds ?? usual.seconds),
    points: pointsOf(values.points ?? usual.points),
    deadlineMs: whole('--deadline', values.deadline),
    pattern: patternOf(values.pattern),
    seed: whole('--seed', values.seed),
    models: modelsOf(values.models ?? usual.models),
    only: listOf(values.only ?? '').map(text => text.toLowerCase()),
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '');
}

function pointsOf(text: string): number[] {
  const points = listOf(text).map(each => positive('--points', each));
  if (points.length === 0) throw new Error('--points names none');
  return points.toSorted((a, b) => a - b);
}

function modelsOf(text: string): string[] {
  const names = listOf(text);
  const known = models.map(({ name }) => name);
  const unknown = names.find(name => !known.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`--models must be of ${known.join(', ')}, not '${unknown}'`);
}

function patternOf(text: string): Pattern {
  if (text === 'poisson' || text === 'even') return text;
  throw new Error(`--pattern must be poisson or even, not '${text}'`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Error(`${option} must be above zero, not '${text}'`);
}

function whole(option: string, text: string): number {
  const value = positive(option, text);
  if (Number.isInteger(value)) return value;
  throw new Error(`${option} must be a whole number, not '${text}'`);
}
