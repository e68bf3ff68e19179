/** The objects of releases, or what of a file a cluster has no way to honour. */
import { failure, jsonLogger } from '#base';
import { type KubeObject, leftNotes, monitoringOf, objectsOf, ordered, type Release } from '#manifests';
import { tellTerminal } from './pulls.ts';
import { type Released, type ReleaseFlags, releaseFrom } from './release.ts';
import type { Stoppable } from './stoppable.ts';
import { modelStores } from './stores.ts';

export interface RenderedFlags extends ReleaseFlags {
  /** With rules and a dashboard. */
  readonly monitoring?: true;
}

export interface Rendered extends Pick<Released, 'release'> {
  readonly objects: readonly KubeObject[];
}

/** One for each file. */
export type RenderedAll = readonly [Rendered, ...Rendered[]];

/** Tells each note once. Throws what `releaseFrom` throws, and `spec_invalid`. */
export async function renderedFrom(
  [first, ...others]: readonly [string, ...string[]],
  flags: RenderedFlags,
  { signal, terminal }: Stoppable,
): Promise<RenderedAll> {
  const logger = jsonLogger(
    () => 'warn',
    line => terminal.line(line.trimEnd()),
  );
  const stores = await modelStores({}, { logger, tell: tellTerminal(terminal), signal });
  const notes = new Set<string>();
  const rendered = async (path: string): Promise<Rendered> => {
    const { release, notes: own } = await releaseFrom(path, flags, { stores, signal });
    const objects = honoured(path, release);
    for (const note of [...own, ...leftNotes(release)]) notes.add(note);
    return { release, objects: flags.monitoring ? ordered([...objects, ...monitoringOf(release)]) : objects };
  };
  const all: [Rendered, ...Rendered[]] = [await rendered(first)];
  for (const path of others) all.push(await rendered(path));
  terminal.end();
  for (const note of notes) terminal.line(`note: ${note}`);
  return all;
}

function honoured(path: string, release: Release): readonly KubeObject[] {
  const objects = objectsOf(release);
  if (objects.ok) return objects.value;
  const issues = objects.error.map(({ path: field, problem }) => `${field} ${problem}`);
  throw failure('spec_invalid', { file: path, issues });
}
