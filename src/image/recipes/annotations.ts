/** What an image says of itself: annotations of its manifest, and labels. No time, and no path of the machine that made it. */
import type { Mounted, Revision } from '#spec';
import type { ModelFiles } from '../recipe.ts';

/** More models than a person looks at are told by the layers' own annotations alone. */
const MOST_MODELS = 100;

/** OCI image specification, "Annotations", `org.opencontainers.image.*`; all of fairlead's own begin with `dev.fairlead`. */
export function annotationsOf(
  { name }: Revision,
  {
    service,
    models,
    mounted,
  }: { service: string; models: readonly ModelFiles[]; mounted: readonly Mounted[] },
): Readonly<Record<string, string>> {
  const versions = [...new Set(models.map(({ version }) => version))].join(',');
  const told = models.map(one => `${one.name} ${one.version}`);
  return {
    'org.opencontainers.image.title': service,
    'org.opencontainers.image.version': versions,
    'org.opencontainers.image.description': `A model server with ${told.length > MOST_MODELS ? `${told.length} models` : told.join(', ')}`,
    'dev.fairlead.service': service,
    'dev.fairlead.revision': name,
    ...(models.length > MOST_MODELS ? {} : modelAnnotations(models)),
    ...Object.fromEntries(mounted.map(({ field, path }) => [`dev.fairlead.mount.${field}`, path])),
  };
}

/** Version and digest, of several with commas between. */
function modelAnnotations(models: readonly ModelFiles[]): Record<string, string> {
  const all = Map.groupBy(models, ({ name }) => name);
  return Object.fromEntries(
    Array.from(all, ([name, of]) => [
      `dev.fairlead.model.${name}`,
      of.map(({ version, digest }) => `${version}@${digest}`).join(','),
    ]),
  );
}
