/** Whether a server's answers are right: no figure of a server that answers wrongly is worth printing. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { digits, loadedRow } from './models.ts';
import { places } from './places.ts';

/** A row and what it must be answered with. */
export interface Expected {
  readonly row: readonly number[];
  readonly answer: readonly number[];
}

const numbers = z.array(z.number());
const version = z.object({ probabilities: z.array(numbers) });
const reference = z.object({ pixels: z.array(numbers), '2': version });

/** Of the largest value: what 32-bit arithmetic in another order may differ by. */
const TOLERANCE = 1e-4;
const CHECKED_ROWS = 200;

/** The rows that scikit-learn answered, as the text of reference.json has them: version 2, the MLP. */
export function parseReference(text: string): readonly Expected[] {
  const { pixels, '2': mlp } = reference.parse(JSON.parse(text));
  return pixels.map((row, index) => ({ row, answer: mlp.probabilities[index] ?? [] }));
}

/** Some rows of digits as scikit-learn answers them; the one that the load sends is first. */
export function digitsExpected(): readonly Expected[] {
  const all = parseReference(readFileSync(places.reference, 'utf8'));
  const loaded = loadedRow(digits).join();
  const first = all.find(({ row }) => row.join() === loaded);
  if (first === undefined) throw new Error('reference.json lacks the row of request.json');
  return [first, ...all.slice(0, CHECKED_ROWS)];
}

/** The sentence that says what is wrong with an answer, or undefined. */
export function faultOf(got: readonly number[], { answer }: Expected): string | undefined {
  if (got.length !== answer.length) return `${got.length} values where ${answer.length} were due`;
  const scale = Math.max(...answer.map(Math.abs));
  const gap = Math.max(...answer.map((value, index) => Math.abs(value - (got[index] ?? Number.NaN))));
  return gap <= TOLERANCE * scale ? undefined : `a value is off by ${gap}, the largest is ${scale}`;
}

/** As long as a real answer: what the floor sends back. */
export function constantAnswer(): string {
  const predictions = [digitsExpected()[0]?.answer.map(Math.fround)];
  return JSON.stringify({ predictions, model_version: '2', prediction_time: 0.000123 });
}
