/** What happens while a release is applied or deleted. */
import { unreachable } from '#base';
import type { Reason } from '../diagnosis/reason.ts';
import { type ObjectRef, subjectOf } from '../kube-object.ts';
import type { RolloutState } from './rollout-state.ts';

export type Progress =
  | { readonly kind: 'written'; readonly ref: ObjectRef; readonly change: Change }
  | { readonly kind: 'removed'; readonly ref: ObjectRef }
  | { readonly kind: 'warned'; readonly ref: ObjectRef; readonly warning: string }
  | { readonly kind: 'waiting'; readonly state: RolloutState }
  | { readonly kind: 'reason'; readonly deployment: string; readonly reason: Reason }
  | { readonly kind: 'draining'; readonly ms: number }
  | { readonly kind: 'unseen'; readonly kinds: readonly string[] }
  | { readonly kind: 'unaccepted'; readonly problem: string }
  | { readonly kind: 'held'; readonly because: string };

export type Change = 'created' | 'changed' | 'unchanged';

/** One line for people, without an end. */
export function releaseLine(progress: Progress): string {
  switch (progress.kind) {
    case 'written':
      return `${subjectOf(progress.ref)} ${progress.change}`;
    case 'removed':
      return `${subjectOf(progress.ref)} deleted`;
    case 'warned':
      return `${subjectOf(progress.ref)}: the API server warns: ${progress.warning}`;
    case 'waiting': {
      const { name, available, wanted } = progress.state;
      return `${name} ${available}/${wanted} ready`;
    }
    case 'reason':
      return [
        `${progress.deployment}: ${progress.reason.sentence}`,
        ...progress.reason.lines.map(quoted),
      ].join('\n');
    case 'draining':
      return `waiting ${progress.ms / 1000} s for requests on their way before what is no longer wanted goes`;
    case 'unseen':
      return `not looked at, since it may not be listed: ${progress.kinds.join(', ')}`;
    case 'unaccepted':
      return progress.problem;
    case 'held':
      return `${progress.because}; the same command again, or with --wait, goes on from here`;
    default:
      return unreachable(progress);
  }
}

function quoted(line: string): string {
  return `    ${line}`;
}
