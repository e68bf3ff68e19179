/** How models lie on this machine, as far as it decides how they lie in an image. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Artifact, type Configured, type Found, isVersionNumber, type Lying } from '#spec';

const CONFIG = 'config.pbtxt';
const LIST = 'models.config';

/** Of what fairlead's own server runs, or a server of others (`isForeign`), which reads no configuration by fairlead. */
export async function lyingOf(found: readonly Found[], isForeign: boolean): Promise<Lying> {
  const files = new Set<string>();
  const configured = new Map<string, Configured>();
  for (const { root, artifacts } of found) {
    const isRead = !isForeign && !(await isListed(root));
    for (const artifact of artifacts) {
      const from = artifact.named ?? artifact.path;
      if ((await stat(from).catch(() => undefined))?.isFile()) files.add(from);
      const own = isRead ? await configuredAt(artifact, root) : undefined;
      if (own !== undefined) configured.set(artifact.path, own);
    }
  }
  return { isFile: path => files.has(path), configured: path => configured.get(path) };
}

/** A list stands in the place of all configurations. */
async function isListed(root: string): Promise<boolean> {
  const names = await readdir(root).catch(() => undefined);
  return names === undefined || (names.includes(LIST) && !names.includes(CONFIG));
}

/** A model's folder is the one that its version lies in, or where that has no number the one that it lies in itself. */
async function configuredAt({ path, version = '' }: Artifact, root: string): Promise<Configured | undefined> {
  const numbered = isVersionNumber(version) ? versionAbove(path, version, root) : undefined;
  const folder = numbered === undefined ? dirname(path) : dirname(numbered);
  if (!`${folder}/`.startsWith(`${root}/`)) return undefined;
  const names = (await readdir(folder)).filter(name => !name.startsWith('.'));
  if (!names.includes(CONFIG)) return undefined;
  const beside = names.filter(name => !isVersionNumber(name)).toSorted();
  return { folder, version: numbered, beside: beside.map(name => join(folder, name)) };
}

function versionAbove(path: string, version: string, root: string): string | undefined {
  for (let folder = path; folder !== root && folder !== dirname(folder); folder = dirname(folder))
    if (basename(folder) === version) return folder;
  return undefined;
}
