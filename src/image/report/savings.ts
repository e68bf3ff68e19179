import type { Candidate, Rule } from './candidate.ts';
import { type PackedSize, packedSizeOf } from './packed-size.ts';
import type { Laid, Placed } from './placed.ts';
import { cudaOnCpu } from './rules/cuda.ts';
import { modelLeftovers, oldVersions } from './rules/models.ts';
import { nodeTools } from './rules/node-base.ts';
import { hiddenInBase, replaced, twice } from './rules/overlaid.ts';
import { systemLeftovers } from './rules/system.ts';
import { wheelLeftovers } from './rules/wheels.ts';

/** What an image could do without. */
export interface Saving {
  readonly id: string;
  readonly what: string;
  readonly why: string;
  readonly change: string;
  /** Unpacked, of this image's files. */
  readonly bytes: number;
  /** Compressed, about: a layer is compressed as a whole. */
  readonly size: number;
  readonly files: number;
}

/** Less is not worth a change. */
const LEAST = 1e6;

/** What is surest and largest first: of two that want a file, the first one has it. */
const RULES: readonly Rule[] = [
  replaced,
  cudaOnCpu,
  nodeTools,
  oldVersions,
  modelLeftovers,
  systemLeftovers,
  wheelLeftovers,
  twice,
  hiddenInBase,
];

/** What could go of an image, what saves most first. No file is in two of them. */
export function savingsOf(laid: Laid): readonly Saving[] {
  const packed = packedSizeOf(laid);
  const taken = new Set<Placed>();
  const found = RULES.flatMap(rule => rule(laid)).flatMap(candidate => {
    const files = candidate.files.filter(file => !taken.has(file));
    const saving = savingOf(candidate, files, packed);
    if (saving.bytes < LEAST) return [];
    for (const file of files) taken.add(file);
    return [saving];
  });
  return found.toSorted((a, b) => b.bytes - a.bytes);
}

function savingOf(
  { id, what, why, change, comesBack }: Candidate,
  files: readonly Placed[],
  packed: PackedSize,
): Saving {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const size = Math.max(0, Math.round(packed(files) - (comesBack?.(packed) ?? 0)));
  return { id, what, why, change, bytes, size, files: files.length };
}
