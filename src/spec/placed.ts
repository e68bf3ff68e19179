/** What a file serves, beside what each of its URIs resolved to. */
import type { ModelEntry, ModelSource } from './model-schema.ts';
import { effective } from './python-fields.ts';
import type { Found, PlacedModel } from './revision.ts';
import type { ModelService, RuntimeOptions, Served } from './schema.ts';

/** A source of the file with what it resolved to. */
export interface Placed {
  readonly source: ModelSource | ModelEntry;
  readonly root: string;
  readonly isConfigured: boolean;
  readonly models: readonly PlacedModel[];
}

/** In the order of the file. */
export function placedOf(
  { metadata, spec }: ModelService,
  served: Served,
  found: readonly Found[],
): Placed[] {
  return sourcesOf(served).map((source, at) =>
    place(withRuntime(source, found[at], spec.runtime), found[at], metadata.name),
  );
}

function sourcesOf({ model, models, repository }: Served): readonly (ModelSource | ModelEntry)[] {
  if (repository !== undefined) return [{ uri: repository.uri }];
  return model === undefined ? (models ?? []) : [model];
}

/** A model with what is said of Python for all of its service, as far as that is for such a model and it says nothing else. */
function withRuntime<T extends ModelSource | ModelEntry>(
  source: T,
  found: Found | undefined,
  { python }: RuntimeOptions,
): T {
  const loader = found?.artifacts[0]?.loader;
  if (python === undefined || loader === undefined) return source;
  return {
    ...source,
    runtime: { ...source.runtime, python: { ...effective(python, loader), ...source.runtime?.python } },
  };
}

function place(source: ModelSource | ModelEntry, found: Found | undefined, service: string): Placed {
  const models = (found?.artifacts ?? []).map(artifact => ({
    name: source.name ?? artifact.name ?? service,
    version: source.version ?? artifact.version ?? artifact.digest.replace('sha256:', '').slice(0, 8),
    artifact,
  }));
  return { source, root: found?.root ?? source.uri, isConfigured: found?.isConfigured ?? false, models };
}
