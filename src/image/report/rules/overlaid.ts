/** What is in an image twice, or is hidden in it. */

import { sizeText } from '#base';
import { imageText } from '../../image-name.ts';
import { type Candidate, largestText } from '../candidate.ts';
import type { Laid, Placed } from '../placed.ts';

/** Below it, two files with a name and a size in common are two files. */
const LARGE = 1e6;

/** Files that a layer over theirs has too. */
export function replaced({ files, image: { base } }: Laid): readonly Candidate[] {
  const found = files.filter(({ isReplaced }) => isReplaced);
  return [
    {
      id: 'replaced',
      what: 'files that a later layer replaces',
      why: `They are pulled and never seen: ${largestText(found, ({ path }) => `/${path}`)}.`,
      change: `--base with an image that has none of them, instead of ${imageText(base.name)}`,
      files: found,
    },
  ];
}

/** What later layers of the base remove or replace, which its files do not show. */
export function hiddenInBase({ hidden, image: { base } }: Laid): readonly Candidate[] {
  const files = hidden.map(
    (bytes, layer) => ({ path: '', bytes, layer, role: 'base', isReplaced: true }) as const,
  );
  return [
    {
      id: 'hidden-in-base',
      what: 'files of the base that its later layers remove or replace',
      why: 'They are pulled and never seen.',
      change: `the base with its layers made one: crane flatten ${imageText(base.name)} -t NAME, and --base NAME`,
      files: files.filter(({ bytes }) => bytes > 0),
    },
  ];
}

/** Large files of one name and as many bytes in two layers: but the first, as the lowest layer is shared by most. */
export function twice({ files }: Laid): readonly Candidate[] {
  const first = new Map<string, Placed>();
  const again = files.filter(file => {
    if (file.bytes < LARGE || file.isReplaced || file.role === 'model') return false;
    const key = `${file.path.slice(file.path.lastIndexOf('/') + 1)} ${file.bytes}`;
    const other = first.get(key) ?? file;
    first.set(key, other);
    return other.layer !== file.layer;
  });
  const pairs = again.slice(0, 3).map(({ path, bytes }) => {
    const other = first.get(`${path.slice(path.lastIndexOf('/') + 1)} ${bytes}`);
    return `/${path} is as long as /${other?.path} (${sizeText(bytes)})`;
  });
  return [
    {
      id: 'twice',
      what: 'large files that lie in two places',
      why: `They have one name and one size: ${pairs.join('; ')}.`,
      change: 'install the package in one place only: in the base, or by --requirements',
      files: again,
    },
  ];
}
