/** Of what lies in a model's folder, what is served of it, what is not, and what is said about it. Pure: the reading is done. */
import { modelFilesOf } from '#spec';
import type { WarmupSample } from '../models/warmup-sample.ts';
import { type Listing, versionsIn } from './layout.ts';
import type { BrokenModel, LeftVersion, RepositoryModel, RepositoryVersion, ScannedModel } from './model.ts';
import type { Note } from './note.ts';
import type { ListedModel } from './serving-list.ts';
import { CONFIG_FILE, type TritonConfig } from './triton/config.ts';
import { type Choice, chooseVersions, latestOnly, policyText, type VersionPolicy } from './version-policy.ts';

/** A version as it lies there: its file, or why it has none. */
export type FoundVersion = ReadyVersion | UnreadyVersion | UnseenVersion;

export interface ReadyVersion {
  readonly kind: 'ready';
  readonly version: string;
  readonly path: string;
  /** Another one when what lies there has changed. */
  readonly identity: string;
}

/** Not looked into, since it is not to be served. */
export interface UnseenVersion {
  readonly kind: 'unseen';
  readonly version: string;
}

export interface UnreadyVersion {
  /** `none` may still be written; `refused` is something else. */
  readonly kind: 'none' | 'refused';
  readonly version: string;
  readonly why: string;
}

/** The files that a configuration names beside the versions of a model, by their paths. */
export interface FilesBeside {
  readonly warmup: readonly WarmupSample[];
  /** By output. */
  readonly labelFiles: Readonly<Record<string, string>>;
}

/** All that was read of a model. */
export interface ModelParts {
  readonly name: string;
  readonly found: Listing;
  readonly versions: readonly FoundVersion[];
  /** What `config.pbtxt` says, if there is one. */
  readonly config: TritonConfig | undefined;
  readonly beside: FilesBeside | undefined;
  /** What TensorFlow Serving's list says, if there is one. */
  readonly listed: ListedModel | undefined;
  /** Where neither of the two says which versions are served. */
  readonly versionsElse: VersionPolicy | undefined;
}

export interface ChosenVersions extends Choice {
  /** Undefined where versions have no numbers. */
  readonly policy: VersionPolicy | undefined;
}

/** What is said of versions, by whom it concerns most. */
export function policyFor({
  config,
  listed,
  versionsElse,
}: Pick<ModelParts, 'config' | 'listed' | 'versionsElse'>): VersionPolicy {
  return config?.policy ?? listed?.policy ?? versionsElse ?? latestOnly;
}

/** Chooses among the versions that are there, or are something else; one that is still being written counts as not there. */
export function chosenOf(parts: ModelParts): ChosenVersions {
  const there = parts.versions.filter(({ kind }) => kind !== 'none').map(({ version }) => version);
  if (versionsIn(parts.found).length === 0)
    return { serve: there, leave: [], missing: [], policy: undefined };
  const policy = policyFor(parts);
  return { ...chooseVersions(policy, there), policy };
}

/** The model. `faults` are of chosen versions what was found wrong when they were looked at closely. */
export function assemble(
  parts: ModelParts,
  choice: ChosenVersions,
  faults: ReadonlyMap<string, string>,
): ScannedModel {
  const left = parts.versions.flatMap(one => leftOf(one, choice, faults)).toSorted(byNumber);
  const isLeft = new Set(left.map(({ version }) => version));
  const ready = parts.versions.filter(one => one.kind === 'ready');
  const versions = ready.filter(({ version }) => !isLeft.has(version)).toSorted(byNumber);
  if (versions.length === 0) return broken(parts.name, [whyNone(left, choice)]);
  return {
    name: parts.name,
    versions: versions.map(one => servedVersion(one, parts)),
    left,
    policy: choice.policy,
    ...saidOf(parts, { choice, left, served: new Set(versions.map(({ version }) => version)) }),
  };
}

export function broken(name: string, problems: readonly string[]): BrokenModel {
  return { name, problem: problems.join('; ') };
}

function leftOf(
  one: FoundVersion,
  { leave, policy }: ChosenVersions,
  faults: ReadonlyMap<string, string>,
): readonly LeftVersion[] {
  const { version } = one;
  if (leave.includes(version))
    return [{ version, why: `the policy is '${policyText(policy ?? latestOnly)}'` }];
  const why = 'why' in one ? one.why : faults.get(version);
  return why === undefined ? [] : [{ version, why }];
}

/** What is wrong with those that were chosen; otherwise with all. */
function whyNone(left: readonly LeftVersion[], { serve, missing }: Choice): string {
  const wanted = left.filter(({ version }) => serve.includes(version));
  if (wanted.length === 0 && missing.length > 0) return `there is no version ${missing.join(', ')}`;
  return (wanted.length > 0 ? wanted : left)
    .map(({ version, why }) => `version ${version}: ${why}`)
    .join('; ');
}

function byNumber(a: { readonly version: string }, b: { readonly version: string }): number {
  return a.version.length - b.version.length || (a.version < b.version ? -1 : 1);
}

function servedVersion(
  { version, path, identity }: ReadyVersion,
  { name, config, beside }: ModelParts,
): RepositoryVersion {
  const { settings = {} } = config ?? {};
  const { warmup = [], labelFiles = {} } = beside ?? {};
  return {
    name,
    version,
    path,
    identity,
    ...(Object.keys(settings).length > 0 && { settings }),
    ...(warmup.length > 0 && { warmup }),
    ...(Object.keys(labelFiles).length > 0 && { labelFiles }),
  };
}

interface Outcome {
  readonly choice: ChosenVersions;
  readonly served: ReadonlySet<string>;
  readonly left: readonly LeftVersion[];
}

function saidOf(parts: ModelParts, outcome: Outcome): Pick<RepositoryModel, 'labels' | 'origins' | 'notes'> {
  const { name, config, listed } = parts;
  const labels = listed?.labels.filter(({ version }) => outcome.served.has(version)) ?? [];
  return {
    labels: labels.map(({ label, version }) => ({ name, label, version })),
    origins: config?.origins ?? [],
    notes: [
      ...(config?.notes ?? []),
      ...(listed?.notes ?? []),
      ...notesOnVersions(outcome),
      ...notesOnLabels(listed, outcome.served),
      ...notesOnFiles(parts),
    ],
  };
}

function notesOnVersions({ choice, left }: Outcome): readonly Note[] {
  const odd = left.filter(({ version }) => !choice.leave.includes(version));
  return [
    ...odd.map(({ version, why }) => ({ field: `version ${version}`, value: '', why: `not served: ${why}` })),
    ...choice.missing.map(version => ({
      field: 'version_policy',
      value: version,
      why: 'there is no such version',
    })),
  ];
}

function notesOnLabels(listed: ListedModel | undefined, served: ReadonlySet<string>): readonly Note[] {
  const stray = listed?.labels.filter(({ version }) => !served.has(version)) ?? [];
  return stray.map(({ label, version, at }) => ({
    field: `version_labels[${JSON.stringify(label)}]`,
    value: version,
    why: 'that version is not served',
    at,
  }));
}

function notesOnFiles({ found, listed }: ModelParts): readonly Note[] {
  const notes: Note[] = [];
  if (listed !== undefined && found.files.includes(CONFIG_FILE))
    notes.push({ field: CONFIG_FILE, value: '', why: 'a list of models stands in its place' });
  if (versionsIn(found).length > 0)
    for (const field of modelFilesOf(found.files))
      notes.push({ field, value: '', why: 'what lies beside the folders of versions is not served' });
  return notes;
}
