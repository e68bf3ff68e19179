/** What bases of Node have beside Node. */
import { imageText } from '../../image-name.ts';
import { NODE, nodeIn } from '../../node.ts';
import { type Candidate, isBelow, withoutInBase } from '../candidate.ts';
import type { Laid, Placed } from '../placed.ts';

/** As Node's own images lay it. */
const TOOLS = [
  'usr/local/lib/node_modules',
  'usr/local/include/node',
  'usr/local/share/doc',
  'usr/local/share/man',
  'usr/local/share/systemtap',
];
const YARN = /^opt\/yarn-[^/]+/;
/** What Debian's releases are called, as the tags of its images have it. */
const RELEASES: Readonly<Record<string, string>> = { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' };

/**
 * Node's zlib is not the one that most images are packed with: of Node's own program it leaves 2.6 % more (measured on Node 24),
 * and that is what the program is packed with anew.
 */
const WORSE = 0.026;

export function nodeTools(laid: Laid): readonly Candidate[] {
  const { base } = laid.image;
  if (nodeIn(base) === undefined) return [];
  const files = laid.files.filter(file => file.role === 'base' && !file.isReplaced && isTool(file));
  const plain = plainBase(laid);
  const program = laid.files.filter(({ role, path }) => role === 'base' && path === NODE);
  return [
    {
      id: 'node-tools',
      what: 'npm and what else comes with Node',
      why: "The server is one file that Node's program runs; nothing is installed or compiled in an image that runs.",
      change: plain ?? withoutInBase(files, foldersOf(files)),
      files,
      ...(plain !== undefined && { comesBack: packed => packed(program) * WORSE }),
    },
  ];
}

function isTool({ path }: Placed): boolean {
  return TOOLS.some(folder => isBelow(path, folder)) || YARN.test(path);
}

function foldersOf(files: readonly Placed[]): string[] {
  return [...TOOLS, ...new Set(files.flatMap(({ path }) => YARN.exec(path)?.[0] ?? []))];
}

/** Of Node's own image on Debian: Debian's, and Node's program out of this one. */
function plainBase({ image: { base }, recipe }: Laid): string | undefined {
  const { system } = base.contents;
  const release = system?.id === 'debian' ? RELEASES[system.version] : undefined;
  const { registry, repository, tag, digest } = base.name;
  if (release === undefined || recipe.node === undefined || !/(?:^|\/)node$/.test(repository))
    return undefined;
  const debian = { registry, repository: repository.replace(/node$/, 'debian'), tag: `${release}-slim` };
  const version = tag === undefined ? { digest } : { tag };
  const node = { registry, repository, ...(version as { tag: string }) };
  return `--base ${imageText(debian)} --node ${imageText(node)}`;
}
