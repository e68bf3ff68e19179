/** The models that a configuration file of TensorFlow Serving lists (`models.config`). Source: its serving configuration guide. */
import { err, ok, type Result } from '#base';
import type { Decoded } from '../protobuf/schema.ts';
import { ModelServerConfig } from '../protobuf/serving-config.ts';
import { faultText, readText } from '../protobuf/text-format.ts';
import { Ledger, type Rules } from './ledger.ts';
import type { BrokenModel } from './model.ts';
import type { Note } from './note.ts';
import type { VersionPolicy } from './version-policy.ts';
import { policyOf } from './written-policy.ts';

export interface ListedModel {
  readonly name: string;
  /** Where its version folders lie, as it is written. */
  readonly basePath: string;
  /** Undefined where nothing is said. */
  readonly policy: VersionPolicy | undefined;
  readonly labels: readonly ListedLabel[];
  readonly notes: readonly Note[];
  /** Where its entry begins, as in a note. */
  readonly at: string;
}

interface ListedLabel {
  readonly label: string;
  readonly version: string;
  /** As in a note. */
  readonly at: string;
}

const LIST = 'model_config_list';

const rules: Rules = {
  [`${LIST}.config.model_type`]: { why: 'what lies in the folder decides what serves it' },
  [`${LIST}.config.model_platform`]: { why: 'what lies in the folder decides what serves it' },
  [`${LIST}.config.logging_config`]: { why: 'requests and answers are not logged' },
};

/** The models in their order, or why the whole file lists none. `file` is what places are told in. */
export function servingList(
  file: string,
  text: string,
): Result<readonly (ListedModel | BrokenModel)[], string> {
  const read = readText(ModelServerConfig, text);
  if (!read.ok) return err(faultText(file, read.error));
  const { message, written } = read.value;
  if (message.config?.case === 'custom_model_config')
    return err(`${file}: custom_model_config is of a type that is not known here; ${LIST} lists models`);
  const config = message.config?.value.config ?? [];
  const ledger = new Ledger(file, read.value, rules);
  ledger.use(LIST);
  const at = (path: string): string => `${file}:${written.get(path)?.line ?? 1}`;
  const names = new Set<string>();
  const listed = config.map((one, index) =>
    listedModel(one, `${LIST}.config[${index}]`, { ledger, at, names }),
  );
  const notes = Map.groupBy(ledger.close().notes, ({ field }) => indexIn(field));
  return ok(
    listed.map((model, index) => ('problem' in model ? model : withNotes(model, notes.get(index) ?? []))),
  );
}

type Config = NonNullable<ListedConfig>[number];
type ListedConfig = Extract<
  Decoded<typeof ModelServerConfig>['config'],
  { readonly case: 'model_config_list' }
>['value']['config'];

interface Reading {
  readonly ledger: Ledger;
  readonly at: (path: string) => string;
  /** Of those before it. */
  readonly names: Set<string>;
}

function listedModel(
  config: Config,
  path: string,
  { ledger, at, names }: Reading,
): ListedModel | BrokenModel {
  for (const field of ['name', 'base_path']) ledger.use(`${path}.${field}`);
  ledger.use(path);
  ledger.useAll(`${path}.model_version_policy`);
  ledger.useAll(`${path}.version_labels`);
  const { name, base_path: basePath, model_version_policy, version_labels } = config;
  const policy = policyOf(model_version_policy);
  const problem = problemOf({ name, basePath, policy }, names);
  names.add(name);
  if (problem !== undefined) return { name, problem: `${at(path)}: ${problem}` };
  const labels = Array.from(version_labels, ([label, version]) => ({
    label,
    version: String(version),
    at: at(`${path}.version_labels[${JSON.stringify(label)}]`),
  }));
  return { name, basePath, policy, labels, notes: [], at: at(path) };
}

function problemOf(
  { name, basePath, policy }: Pick<ListedModel, 'name' | 'basePath' | 'policy'>,
  before: ReadonlySet<string>,
): string | undefined {
  if (name === '') return 'a model must have a name';
  if (before.has(name)) return `the model '${name}' is listed twice`;
  if (basePath.includes('\0')) return `the base_path of the model '${name}' must not hold a NUL character`;
  if (basePath === '') return `the model '${name}' must have a base_path`;
  return policy?.specific?.length === 0 ? 'a specific policy must name a version' : undefined;
}

/** Of a note's field, which model of the list it is of. */
function indexIn(field: string): number {
  return Number(/^\w+\.config\[(\d+)\]/.exec(field)?.[1]);
}

/** By what fields are called in it. */
function withNotes(model: ListedModel, notes: readonly Note[]): ListedModel {
  const own = notes.map(note => ({ ...note, field: note.field.replace(/^\w+\.config\[\d+\]\./, '') }));
  return { ...model, notes: own };
}
