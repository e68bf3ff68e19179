/** Quantities as the API server writes them back: what is asked for and what is there are then the same text. */
import { memoryBytes, readCores } from '#spec';

const binary = { step: 1024, suffixes: ['', 'Ki', 'Mi', 'Gi', 'Ti'] };
const decimal = { step: 1000, suffixes: ['', 'k', 'M', 'G', 'T'] };

/** A size that the schema has let through: 1024Mi is 1Gi. One without a binary suffix is counted in thousands. */
export function sizeQuantity(written: string): string {
  const { step, suffixes } = written.endsWith('i') ? binary : decimal;
  const bytes = memoryBytes(written);
  const power = suffixes.findLastIndex((_, at) => bytes % step ** at === 0);
  return `${bytes / step ** power}${suffixes[power]}`;
}

/** Bytes, in whole MiB, rounded up. */
export function mebibytes(bytes: number): string {
  return sizeQuantity(`${Math.ceil(bytes / 2 ** 20)}Mi`);
}

/** Cores that the schema has let through: 0.5 is 500m. */
export function coresQuantity(written: string): string {
  const milli = readCores(written);
  if (!milli.ok) throw new Error(`the schema let through '${written}': it ${milli.error}`);
  return milli.value % 1000 === 0 ? String(milli.value / 1000) : `${milli.value}m`;
}
