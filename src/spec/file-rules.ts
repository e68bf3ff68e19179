/** What a file says beside something else that takes its place. It looks at what is written, before defaults are filled in. */
import { foreignRefusals, type Refusal } from './foreign-rules.ts';
import { pathsLike } from './places.ts';

/** What is written and would change nothing. */
export function fileRefusals(file: unknown): readonly Refusal[] {
  return [...foreignRefusals(file), ...scaled(file)];
}

function scaled(file: unknown): Refusal[] {
  if (pathsLike(file, ['spec', 'scaling']).length === 0) return [];
  return pathsLike(file, ['spec', 'replicas']).map(path => ({
    path,
    problem: 'cannot stand beside scaling, which says how many there are',
  }));
}
