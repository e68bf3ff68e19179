import { err, ok, type Result } from '#base';
import { namesOf } from './place.ts';
import type { FileNode, FolderNode, LinkNode, Tree, TreeNode } from './tree.ts';

/** What a link stands for: a file or folder of the tree, never another link. */
export interface Target {
  readonly path: string;
  readonly node: FileNode | FolderNode;
}

/** A place on the way, and how it was come to, so that a step up or down costs the same at any depth. */
interface Place {
  readonly above: Place | undefined;
  readonly name: string;
  /** `outside`: above the folder that is taken. */
  readonly node: FileNode | FolderNode | 'outside';
  /** Links on the longest way here. */
  readonly links: number;
}

/** As the kernel bounds it (ELOOP). */
const MOST_LINKS = 40;
const MOST_TARGET = 4096;
const CIRCLE = 'is a link that leads into itself, or through too many others';

/**
 * Follows the links of one archive as a file system would, in memory. Links within the archive are let be; one that leads out, into
 * nothing or into itself is a problem, worded to follow its name.
 */
export class Links {
  readonly #below: readonly string[];
  readonly #isLayer: boolean;
  readonly #top: Place;
  readonly #tree: Tree;
  readonly #known = new Map<LinkNode, Result<Place, string>>();

  /** In a layer, `/` is the image's root: a link may start there. */
  constructor(tree: Tree, below: readonly string[], isLayer: boolean) {
    this.#tree = tree;
    this.#below = below;
    this.#isLayer = isLayer;
    this.#top = {
      above: undefined,
      name: '',
      node: below.length === 0 ? tree.root : 'outside',
      links: 0,
    };
  }

  follow(path: string, link: LinkNode): Result<Target, string> {
    const found = this.#walk([...this.#below, ...namesOf(path)].slice(0, -1), this.#top, 0);
    const place = found.ok ? this.#end(found.value, link, 0) : found;
    if (!place.ok) return place;
    const { node } = place.value;
    return node === 'outside'
      ? err(`is a link that leads out of the folder '${this.#below.join('/')}'`)
      : ok({ path: namesTo(place.value).slice(this.#below.length).join('/'), node });
  }

  /** Where a link in a folder ends; each is walked once. */
  #end(folder: Place, link: LinkNode, depth: number): Result<Place, string> {
    const known = this.#known.get(link);
    if (known !== undefined) return known;
    if (depth >= MOST_LINKS) return err(CIRCLE);
    // Until its end is known, whoever comes back to it goes in a circle.
    this.#known.set(link, err(CIRCLE));
    const start = this.#start(folder, link.target);
    const end = start.ok ? this.#walk(namesOf(link.target), start.value, depth + 1) : start;
    const result = end.ok ? ok({ ...end.value, links: end.value.links + 1 }) : end;
    this.#known.set(link, result);
    return result;
  }

  #start(folder: Place, target: string): Result<Place, string> {
    if (target === '' || target.length > MOST_TARGET) return err('is a link to no name');
    if (/[\0\\]/.test(target)) return err('is a link to a name with a backslash or a zero byte');
    if (!target.startsWith('/')) return ok(folder);
    return this.#isLayer ? ok(this.#top) : err(`is a link that leads out of the archive, to '${target}'`);
  }

  #walk(names: readonly string[], start: Place, depth: number): Result<Place, string> {
    let at = start;
    for (const name of names) {
      const next = name === '..' ? up(at) : this.#down(at, name, depth);
      if (!next.ok) return next;
      at = next.value;
      if (at.links >= MOST_LINKS) return err(CIRCLE);
    }
    return ok(at);
  }

  #down(at: Place, name: string, depth: number): Result<Place, string> {
    const node = this.#child(at, name);
    if (node === undefined)
      return err(`is a link to '${[...namesTo(at), name].join('/')}', which is not there`);
    if (node === 'outside' || node.kind !== 'link') return ok({ above: at, name, node, links: at.links });
    const end = this.#end(at, node, depth);
    return end.ok ? ok({ ...end.value, links: Math.max(at.links, end.value.links) }) : end;
  }

  #child(at: Place, name: string): TreeNode | 'outside' | undefined {
    if (at.node !== 'outside') return at.node.kind === 'folder' ? at.node.children.get(name) : undefined;
    const level = namesTo(at).length;
    if (name !== this.#below[level]) return undefined;
    return level + 1 === this.#below.length ? this.#tree.root : 'outside';
  }
}

function up(at: Place): Result<Place, string> {
  return at.above === undefined ? err('is a link that leads out of the archive') : ok(at.above);
}

/** The names from the archive's root to a place. */
function namesTo(place: Place): string[] {
  const names: string[] = [];
  for (let at = place; at.above !== undefined; at = at.above) names.unshift(at.name);
  return names;
}

/** A target that leads from a link's folder to a path of the same archive. */
export function relativeTarget(link: string, path: string): string {
  return '../'.repeat(namesOf(link).length - 1) + path;
}
