/** What the bench is asked. */
import { parseArgs } from 'node:util';

export const usage = 'usage: node scripts/run.mjs bench/image/run.ts [--quick] [--rounds N] [--json FILE]';

export interface Plan {
  readonly rounds: number;
  readonly json?: string | undefined;
}

export function readPlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const text = values.rounds ?? (values.quick ? '1' : '5');
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be a whole number from 1 on, not '${text}'`);
  return { rounds, json: values.json };
}
