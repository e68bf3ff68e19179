/** What to know of an image before it runs. */
import { type Contained, foreignKind, type Revision } from '#spec';
import type { Loaded } from './service-file.ts';

/** The service, and which of its revisions the image is of. */
interface Noted extends Pick<Loaded, 'written'> {
  readonly role: 'stable' | 'candidate';
}

/** A sentence each. */
export function imageNotes(
  revision: Revision,
  { mounted, left }: Contained,
  { written, role }: Noted,
): readonly string[] {
  return [
    ...mounted.map(({ field, path, why }) => `${field} is not in the image; mount it at ${path}: ${why}`),
    ...left.map(({ field, why }) => `${field} is not kept in the image: ${why}`),
    ...unpinned(revision),
    ...python(revision),
    ...folderOf(written),
    ...otherOf(written, role),
  ];
}

/** Of fairlead's own server; those of others verify nothing anyway. */
function unpinned({ told, runtime }: Revision): string[] {
  if (foreignKind(runtime) !== undefined) return [];
  const names =
    told.kind === 'repository'
      ? ['the repository']
      : told.entries.filter(({ digest }) => digest === undefined).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `${names.join(', ')}: several versions are told as one, so the server is told no digest to verify; the image's own digest pins them`,
  ];
}

function python({ models }: Revision): string[] {
  if (models.every(({ artifact }) => artifact.loader === undefined)) return [];
  return [
    'models of Python may want to write below /tmp: where the root is read-only, mount an empty folder there',
  ];
}

function folderOf({ spec: { runtime } }: Loaded['written']): string[] {
  const { custom } = runtime;
  if (custom?.command === undefined || custom.folder !== undefined) return [];
  return [
    'runtime.custom.folder is not said, so no file from beside the service file is in the image: its base has to hold what the command runs',
  ];
}

function otherOf({ spec }: Loaded['written'], role: Noted['role']): string[] {
  if (spec.candidate === undefined || role === 'candidate') return [];
  return ['it is the stable revision; the candidate is an image of its own, which --candidate makes'];
}
