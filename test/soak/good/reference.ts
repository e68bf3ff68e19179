/** What the digits' models answer, as scikit-learn computed it when they were trained. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../programs/fairlead.ts';

interface Reference {
  readonly pixels: readonly (readonly number[])[];
  readonly '1': Version;
  readonly '2': Version;
}

interface Version {
  readonly probabilities: readonly (readonly number[])[];
}

const reference = JSON.parse(
  readFileSync(join(root, 'examples', 'digits', 'reference.json'), 'utf8'),
) as Reference;

export const pixels = reference.pixels;

export function probabilities(version: '1' | '2', row: number): readonly number[] {
  return reference[version].probabilities[row] ?? [];
}
