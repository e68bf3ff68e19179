import picomatch from 'picomatch';
import type { Wanted } from './store.ts';

/** Whether include and exclude of a file let a path in. A glob without `/` is one of names in any folder. */
export function isAsked({
  include,
  exclude = [],
}: Pick<Wanted, 'include' | 'exclude'>): (path: string) => boolean {
  const like = (globs: readonly string[]): ((path: string) => boolean) => {
    const each = globs.map(one => picomatch(one, { dot: true, basename: !one.includes('/') }));
    return path => each.some(matches => matches(path));
  };
  const isIncluded = include === undefined || include.length === 0 ? () => true : like(include);
  const isExcluded = like(exclude);
  return path => isIncluded(path) && !isExcluded(path);
}
