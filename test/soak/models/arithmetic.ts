/** What the models that the soak makes itself compute, so that every answer can be told right from wrong. */

/** Numbers in a row of `chain`. */
export const WIDTH = 256;

/** Matrices of `chain`: a row takes some milliseconds. */
export const LAYERS = 400;

export const LOOKUP_TABLE: readonly number[] = [10, 20, 30, 40];

/** Where one matrix of `chain` moves a number to: odd, so that no two go to the same place. */
export function chainStep(from: number): number {
  return (from * 5 + 3) % WIDTH;
}

const ends: readonly number[] = Array.from({ length: WIDTH }, (_, start) => {
  let at = start;
  for (let layer = 0; layer < LAYERS; layer++) at = chainStep(at);
  return at;
});

/** What `chain` answers to rows. */
export function chained(rows: readonly number[]): number[] {
  const answer = Array.from({ length: rows.length }, () => 0);
  for (const [at, value] of rows.entries()) answer[at - (at % WIDTH) + (ends[at % WIDTH] ?? 0)] = value;
  return answer;
}
