/** What to know of an image before it runs. */
import { type Contained, foreignKind, type Revision } from '#spec';
import type { Loaded } from './service-file.ts';

/** The service, which of its revisions the image is of, and whether that brings what is locked of Python. */
interface Noted extends Pick<Loaded, 'written'> {
  readonly role: 'stable' | 'candidate';
  readonly isLocked: boolean;
}

/** A sentence each. */
export function imageNotes(
  revision: Revision,
  { mounted, left }: Contained,
  { written, role, isLocked }: Noted,
): readonly string[] {
  return [
    ...mounted.map(({ field, path, why }) => `${field} is not in the image; mount it at ${path}: ${why}`),
    ...left.map(({ field, why }) => `${field} is not kept in the image: ${why}`),
    ...unpinned(revision),
    ...secretsOf(revision),
    ...python(revision, isLocked),
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

/** By their names, and only so: what they hold is in no message. */
const SECRET = /secret|token|passw|credential|private|api_?key|access_?key/i;

function secretsOf({ runtime }: Revision): string[] {
  const kind = foreignKind(runtime);
  if (kind === undefined) return [];
  const names = Object.keys(runtime[kind]?.env ?? {}).filter(name => SECRET.test(name));
  return names.map(
    name =>
      `runtime.${kind}.env.${name} is in the image, for whoever has it: leave it out of the file if it is secret, and say it when the container starts`,
  );
}

function python({ models }: Revision, isLocked: boolean): string[] {
  if (models.every(({ artifact }) => artifact.loader === undefined)) return [];
  return [
    'models of Python may want to write below /tmp: where the root is read-only, mount an empty folder there',
    ...(isLocked
      ? []
      : [
          "no lock with hashes says which packages are installed, so the base's own python3 has to have them all",
        ]),
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
