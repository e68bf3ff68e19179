/** Whether a server's answers are right: no figure of a server that answers wrongly is worth printing. */
import { z } from 'zod';

export interface Expected {
  readonly pixels: readonly (readonly number[])[];
  readonly classes: readonly number[];
  readonly probabilities: readonly (readonly number[])[];
}

/** Probabilities of a row. */
export const CLASSES = 10;

const numbers = z.array(z.number());
const version = z.object({ class: numbers, probabilities: z.array(numbers) });
const reference = z.object({ pixels: z.array(numbers), '2': version });
const answer = z.object({
  predictions: z.array(numbers.length(CLASSES)),
  model_version: z.string(),
  prediction_time: z.number(),
});

const tolerance = 1e-5;

/** Reads version 2's answers, as scikit-learn gave them, from the text of reference.json. */
export function parseReference(text: string): Expected {
  const { pixels, '2': mlp } = reference.parse(JSON.parse(text));
  return { pixels, classes: mlp.class, probabilities: mlp.probabilities };
}

/** The predictions in an answer of `/predict`. Throws when it is none. */
export function predictionsIn(body: string): readonly (readonly number[])[] {
  return answer.parse(JSON.parse(body)).predictions;
}

/** The sentence that says what is wrong with the answer to `rows`, or undefined. */
export function faultOf(
  predictions: readonly (readonly number[])[],
  rows: readonly number[],
  expected: Expected,
): string | undefined {
  if (predictions.length !== rows.length) return `${predictions.length} answers to ${rows.length} rows`;
  for (const [index, row] of rows.entries()) {
    const got = predictions[index] ?? [];
    const wanted = expected.probabilities[row] ?? [];
    const gap = Math.max(...wanted.map((value, digit) => Math.abs(value - (got[digit] ?? Number.NaN))));
    if (!(gap <= tolerance)) return `a probability of row ${row} is off by ${gap}`;
    if (got.indexOf(Math.max(...got)) !== expected.classes[row]) return `row ${row} has another class`;
  }
  return undefined;
}
