import { parseArgs } from 'node:util';

export const HELP = `usage: npm run fuzz -- [options]
  --seconds N       how long, in all (30)
  --seed S          the seed of what was made; without it, another one each time, which is printed
  --only LIST       borders, with commas between: BORDERS
  --grow            keep inputs in test/fuzz/corpus that lead to something none there does
  --out FOLDER      where inputs that break something are written (a folder for temporary files)
  --replay FILE     take one input, as it was written, and say what comes of it; may be repeated
`;

export interface Options {
  readonly seconds: number;
  readonly seed: number | undefined;
  /** Undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly grow: boolean;
  readonly out: string | undefined;
  readonly replay: readonly string[];
  readonly help: boolean;
}

/** Throws a sentence for what cannot be meant. */
export function parseOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string' },
      only: { type: 'string' },
      grow: { type: 'boolean', default: false },
      out: { type: 'string' },
      replay: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const { seconds, seed, only, ...others } = values;
  const wanted = only?.split(',');
  const unknown = wanted?.find(name => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`there is no border '${unknown}'; there are ${known.join(', ')}`);
  return {
    ...others,
    out: others.out,
    seconds: whole('seconds', seconds, 1),
    seed: seed === undefined ? undefined : whole('seed', seed, 0),
    only: wanted,
  };
}

const MOST = 2 ** 32 - 1;

function whole(name: string, text: string, least: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= MOST) return value;
  throw new Error(`--${name} must be a whole number from ${least} to ${MOST}, not '${text}'`);
}
