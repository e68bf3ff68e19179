/** How long and how often to measure, from the command line. */
import { parseArgs } from 'node:util';

export interface Plan {
  readonly rounds: number;
  /** Of each measurement; wrk takes whole seconds. */
  readonly seconds: number;
  readonly connections: readonly number[];
  /** Where to write every sample as JSON. */
  readonly json?: string;
}

export const usage = 'usage: run.ts [--quick] [--rounds N] [--seconds S] [--json FILE]';

const options = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  json: { type: 'string' },
} as const;

/** Throws an Error with one sentence when the arguments are wrong. */
export function parsePlan(args: readonly string[]): Plan {
  const { values } = parseArgs({ args: [...args], options });
  return {
    rounds: wholeNumber('--rounds', values.rounds ?? (values.quick ? '3' : '5')),
    seconds: wholeNumber('--seconds', values.seconds ?? (values.quick ? '1' : '3')),
    connections: [1, 32, 128],
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`${option} must be a whole number of at least 1, not '${text}'`);
}
