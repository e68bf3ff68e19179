/** Questions whose answers are known. */
import type { Random } from '../../fuzz/random.ts';
import type { Question, Told, Values } from '../clients/question.ts';
import { chained, LOOKUP_TABLE, WIDTH } from '../models/arithmetic.ts';
import type { Factors } from './factors.ts';
import { pixels, probabilities } from './reference.ts';

export type Ask = (random: Random) => Question;

/** The reference is rounded to seven digits, and sums differ by the order of their terms. */
const TOLERANCE = 1e-5;

const CLASSES = 10;

const MOST_ROWS = 8;

/** A version is named now and then, and is the latest otherwise. */
export const askDigits: Ask = random =>
  digitsOf(random, { rows: few(random), version: random.pick(['1', '2', undefined]) });

export const askLatestDigits: Ask = random => digitsOf(random, { rows: few(random) });

/** Of a server that has only the first version. */
export const askFirstDigits: Ask = random => digitsOf(random, { rows: few(random), latest: '1' });

/** Rows of a body that is read in another thread: over 256 KiB, and below what the server takes. */
const MANY_ROWS = 3000;

export const largeDigits: Ask = random => digitsOf(random, { rows: MANY_ROWS });

function few(random: Random): number {
  return 1 + random.below(MOST_ROWS);
}

interface Digits {
  readonly rows: number;
  readonly version?: '1' | '2' | undefined;
  /** What answers where no version is named. */
  readonly latest?: '1' | '2';
}

function digitsOf(random: Random, { rows, version, latest = '2' }: Digits): Question {
  const chosen = random.list(rows, () => random.below(pixels.length));
  const expected = version ?? latest;
  return {
    model: 'digits',
    ...(version !== undefined && { version }),
    input: floats(
      'pixels',
      [rows, 64],
      chosen.flatMap(row => pixels[row] ?? []),
    ),
    output: { name: 'probabilities', datatype: 'FP32' },
    check: told => {
      checkShape(told, expected, [rows, CLASSES]);
      checkNumbers(
        told,
        chosen.flatMap(row => probabilities(expected, row)),
        TOLERANCE,
      );
    },
  };
}

const WORDS = ['', 'a', 'é€', '😀', '"quoted"', 'line\nline', '\\', 'null', '{"b":1}', 'x'.repeat(300)];

export const askTexts: Ask = random => {
  const data = random.list(1 + random.below(5), () => `${random.pick(WORDS)}${random.below(1000)}`);
  return {
    model: 'texts',
    input: { name: 'x', datatype: 'BYTES', shape: [data.length], data },
    output: { name: 'y', datatype: 'BYTES' },
    check: told => {
      checkShape(told, '1', [data.length]);
      if (JSON.stringify(told.data) !== JSON.stringify(data)) throw wrong(told, data);
    },
  };
};

export const askLookup: Ask = random => {
  const data = random.list(1 + random.below(4), () => random.below(LOOKUP_TABLE.length));
  return {
    model: 'lookup',
    input: { name: 'x', datatype: 'INT64', shape: [data.length], data },
    output: { name: 'y', datatype: 'FP32' },
    check: told => {
      checkShape(told, '1', [data.length]);
      checkNumbers(
        told,
        data.map(index => LOOKUP_TABLE[index] ?? Number.NaN),
      );
    },
  };
};

/** No such index: it fails the run that it is in. */
export function askPoison(): Question {
  return {
    model: 'lookup',
    input: { name: 'x', datatype: 'INT64', shape: [1], data: [LOOKUP_TABLE.length + 5] },
    output: { name: 'y', datatype: 'FP32' },
    check: told => {
      throw wrong(told, ['an error']);
    },
  };
}

/** Whose file is replaced while it is asked. */
export function askScale(factors: Factors): Ask {
  return random => {
    const since = factors.now;
    const data = random.list(3, () => random.between(-1000, 1000));
    return {
      model: 'scale',
      input: floats('x', [1, 3], data),
      output: { name: 'y', datatype: 'FP32' },
      check: told => {
        checkShape(told, '1', [1, 3]);
        const possible = factors.since(since).map(factor => data.map(value => value * factor));
        const isOne = possible.some(each => each.every((value, index) => value === told.data[index]));
        if (!isOne) throw wrong(told, possible.flat());
      },
    };
  };
}

export const askChain: Ask = random => chainOf(random, 1);

export function chainOf(random: Random, rows: number): Question {
  const data = random.list(rows * WIDTH, () => random.between(-1000, 1000));
  return {
    model: 'chain',
    input: floats('x', [rows, WIDTH], data),
    output: { name: 'y', datatype: 'FP32' },
    check: told => {
      checkShape(told, '1', [rows, WIDTH]);
      checkNumbers(told, chained(data));
    },
  };
}

function floats(name: string, shape: readonly number[], data: readonly number[]): Values {
  return { name, datatype: 'FP32', shape, data };
}

function checkShape(told: Told, version: string, shape: readonly number[]): void {
  if (told.version !== undefined && told.version !== version)
    throw new Error(`version ${told.version} answered where ${version} was asked`);
  if (told.shape !== undefined && told.shape.join() !== shape.join())
    throw new Error(`the answer has the shape ${told.shape.join()} where ${shape.join()} is right`);
}

function checkNumbers(told: Told, expected: readonly number[], tolerance = 0): void {
  const isRight =
    told.data.length === expected.length &&
    expected.every((value, index) => Math.abs(Number(told.data[index]) - value) <= tolerance);
  if (!isRight) throw wrong(told, expected);
}

function wrong(told: Told, expected: readonly (number | string)[]): Error {
  const shown = (values: readonly (number | string)[]): string => JSON.stringify(values).slice(0, 200);
  return new Error(`WRONG ANSWER ${shown(told.data)} where ${shown(expected)} is right`);
}
