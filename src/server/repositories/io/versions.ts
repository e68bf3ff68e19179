import { join } from 'node:path';
import { messageOf } from '#base';
import type { FoundVersion } from '../assemble.ts';
import { candidateIn } from '../layout.ts';
import { identityOf, listing } from './folder.ts';

/** Looks into the folder of a version. Never throws: what cannot be read is refused. */
export async function versionIn(
  folder: string,
  version: string,
  configured: string | undefined,
): Promise<FoundVersion> {
  try {
    return await lookInto(join(folder, version), version, configured);
  } catch (error: unknown) {
    return { version, kind: 'refused', why: messageOf(error) };
  }
}

async function lookInto(
  folder: string,
  version: string,
  configured: string | undefined,
): Promise<FoundVersion> {
  const found = await listing(folder);
  const candidate = candidateIn(found, configured);
  if (candidate.kind === 'file')
    return {
      version,
      kind: 'ready',
      path: join(folder, candidate.name),
      identity: await identityOf(folder, found.files),
    };
  if (candidate.kind !== 'folder') return { version, ...candidate };
  const within = join(folder, candidate.name);
  const { files } = await listing(within);
  if (!files.includes(candidate.name))
    return { version, kind: 'none', why: `its folder ${candidate.name} holds no ${candidate.name} yet` };
  return {
    version,
    kind: 'ready',
    path: join(within, candidate.name),
    identity: await identityOf(within, files),
  };
}
