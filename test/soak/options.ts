import { parseArgs } from 'node:util';

export const HELP = `usage: npm run soak -- [options]
  --seconds N    how long (1800; from 30 on)
  --seed S       the seed of what is sent and done; without it, another one each time, which is printed
  --report FILE  writes the report there too
`;

export interface Options {
  readonly seconds: number;
  readonly seed: number | undefined;
  readonly report: string | undefined;
  readonly help: boolean;
}

/** In less, not everything comes to pass once. */
const LEAST_SECONDS = 30;

const MOST = 2 ** 32 - 1;

/** Throws a sentence for what cannot be meant. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '1800' },
      seed: { type: 'string' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { seconds, seed, report, help } = values;
  return {
    seconds: whole('seconds', seconds, LEAST_SECONDS),
    seed: seed === undefined ? undefined : whole('seed', seed, 0),
    report,
    help,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= MOST) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${MOST}, not '${text}'`);
}
