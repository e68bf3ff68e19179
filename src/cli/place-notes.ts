/** What a service file says for a cluster, where servers are processes of this machine. */
import { failure } from '#base';
import { clusterNotes, localRefusals, type ModelService } from '#spec';
import type { Loaded } from './service-file.ts';

/** Throws `spec_invalid` with the path of each field that would be done otherwise here than on a cluster. */
export function checkPlace({ service, file }: Pick<Loaded, 'service' | 'file'>): void {
  const issues = refusalsOf(service);
  if (issues.length > 0) throw failure('spec_invalid', { file: file?.path ?? service.metadata.name, issues });
}

/** All of it, a sentence each. */
export function placeNotes(service: ModelService): readonly string[] {
  return [...clusterNotes(service), ...refusalsOf(service)];
}

function refusalsOf(service: ModelService): string[] {
  return localRefusals(service).map(({ path, problem }) => `${path} ${problem}`);
}

/** Says each note once, for as long as files that follow each other have it. */
export function noteTeller(say: (note: string) => void): (service: ModelService) => void {
  let before: readonly string[] = [];
  return service => {
    const notes = placeNotes(service);
    for (const note of notes) if (!before.includes(note)) say(note);
    before = notes;
  };
}
