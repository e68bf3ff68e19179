/** Triton's and TensorFlow Serving's version policies, which are alike. */
import type { VersionPolicy } from './version-policy.ts';

/** As both have it: `{latest {num_versions}}`, `{all {}}` or `{specific {versions}}`. */
export interface WrittenPolicy {
  readonly policy_choice:
    | { readonly case: 'latest'; readonly value: { readonly num_versions: number } }
    | { readonly case: 'all'; readonly value: object }
    | { readonly case: 'specific'; readonly value: { readonly versions: BigInt64Array } }
    | undefined;
}

/** Undefined where nothing is said. That no number of versions is said means one. */
export function policyOf(written: WrittenPolicy | undefined): VersionPolicy | undefined {
  const choice = written?.policy_choice;
  if (choice === undefined) return undefined;
  if (choice.case === 'latest') return { latest: Math.max(1, choice.value.num_versions) };
  if (choice.case === 'all') return { all: {} };
  return { specific: Array.from(new Set(choice.value.versions), String) };
}
