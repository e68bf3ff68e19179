import { posix } from 'node:path';
import type { BaseContents } from '../base-image.ts';

/** More is a circle; Linux follows 40. */
const MOST_LINKS = 40;

/** Where a path of an image leads once all links on the way are followed, without a slash before it; undefined where it leads nowhere. */
export function followed(path: string, { files }: BaseContents): string | undefined {
  let at = '';
  let rest = namesOf(path);
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...others] = rest;
    const next = posix.join(at, name);
    const found = files.get(next);
    if (found === undefined) return undefined;
    if (found.kind === 'link') {
      if (++links > MOST_LINKS) return undefined;
      rest = [...namesOf(posix.resolve('/', at, found.target ?? '')), ...others];
      at = '';
    } else {
      rest = others;
      at = next;
    }
  }
  return at;
}

function namesOf(path: string): string[] {
  return path.split('/').filter(name => name !== '');
}
