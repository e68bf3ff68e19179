import { join } from 'node:path';
import { messageOf } from '#base';
import type { FoundVersion } from '../assemble.ts';
import { candidateIn, type Sought } from '../layout.ts';
import { chooseVersions, type VersionPolicy } from '../version-policy.ts';
import { identityOf, identityWithin, listing } from './folder.ts';

/**
 * Looks into the folders of versions, the latest first, as far as the policy asks for: what is still being written leaves
 * its place to the next.
 */
export async function versionsUnder(
  {
    folder,
    numbers,
    sought,
  }: { readonly folder: string; readonly numbers: readonly string[]; readonly sought: Sought },
  policy: VersionPolicy,
): Promise<readonly FoundVersion[]> {
  const found: FoundVersion[] = [];
  let open = chooseVersions({ all: {} }, numbers).serve;
  while (open.length > 0) {
    const { serve } = chooseVersions(lessFound(policy, found), open);
    const looked = await Promise.all(serve.map(version => versionIn(folder, version, sought)));
    found.push(...looked);
    const isDone = looked.every(({ kind }) => kind !== 'none');
    open = open.filter(version => !serve.includes(version));
    if (isDone || serve.length === 0) break;
  }
  return [...found, ...open.map(version => ({ kind: 'unseen', version }) as const)];
}

/** What is wanted beside those that were found. */
function lessFound(policy: VersionPolicy, found: readonly FoundVersion[]): VersionPolicy {
  if (policy.all !== undefined || policy.specific !== undefined) return policy;
  return { latest: (policy.latest ?? 1) - found.filter(({ kind }) => kind !== 'none').length };
}

/** Looks into the folder of a version. Never throws: what cannot be read is refused. */
async function versionIn(folder: string, version: string, sought: Sought): Promise<FoundVersion> {
  try {
    return await lookInto(join(folder, version), version, sought);
  } catch (error: unknown) {
    return { version, kind: 'refused', why: messageOf(error) };
  }
}

async function lookInto(folder: string, version: string, sought: Sought): Promise<FoundVersion> {
  const found = await listing(folder);
  const candidate = candidateIn(found, sought);
  const ready = (path: string, identity: string): FoundVersion => ({
    version,
    kind: 'ready',
    path,
    identity,
  });
  if (candidate.kind === 'whole') return ready(folder, await identityWithin(folder));
  if (candidate.kind === 'file') {
    const path = join(folder, candidate.name);
    const isFolder = found.folders.includes(candidate.name);
    return ready(path, isFolder ? await identityWithin(path) : await identityOf(folder, found.files));
  }
  if (candidate.kind !== 'folder') return { version, ...candidate };
  const within = join(folder, candidate.name);
  const { files } = await listing(within);
  if (!files.includes(candidate.name))
    return { version, kind: 'none', why: `its folder ${candidate.name} holds no ${candidate.name} yet` };
  return ready(join(within, candidate.name), await identityOf(within, files));
}
