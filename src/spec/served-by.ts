/** Which part of a file a revision is described by. */
import type { Role } from './revision.ts';
import type { ModelService, Served } from './schema.ts';

/** What it serves, and the image of its own. A file may be a candidate's without having one itself. */
export function servedBy(service: ModelService, role: Role): Served & Pick<ModelService['spec'], 'image'> {
  return candidateIn(service, role) ?? service.spec;
}

/** Where in the file that stands. */
export function pathOf(service: ModelService, role: Role): 'spec' | 'spec.candidate' {
  return candidateIn(service, role) === undefined ? 'spec' : 'spec.candidate';
}

function candidateIn({ spec }: ModelService, role: Role): ModelService['spec']['candidate'] {
  return role === 'candidate' ? spec.candidate : undefined;
}
