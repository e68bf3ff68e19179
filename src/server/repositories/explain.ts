/** What a scan found, for people and for programs. */
import type { ModelSettings } from '../models/settings.ts';
import { isBroken, type RepositoryModel, type ScannedModel } from './model.ts';
import { noteText, oneLine } from './note.ts';
import { policyText } from './version-policy.ts';

/** A value that is plain JSON. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Each model: its versions, served or not, its labels, the settings that are not the usual ones, and its notes. */
export function explainModels(found: readonly ScannedModel[], usual: ModelSettings): string {
  if (found.length === 0) return 'no models\n';
  return found.map(model => linesOf(explainModel(model, usual))).join('\n');
}

function linesOf(lines: readonly string[]): string {
  return lines.map(line => `${oneLine(line)}\n`).join('');
}

function explainModel(model: ScannedModel, usual: ModelSettings): readonly string[] {
  if (isBroken(model)) return [`${model.name}: cannot be served`, ...indented([model.problem])];
  const parts = [
    originLines(model),
    versionTable(model),
    settingTable(model, usual),
    model.notes.map(note => `! ${noteText(note)}`),
  ];
  return [headline(model), ...parts.flatMap(indented)];
}

function originLines({ origin, versions }: RepositoryModel): readonly string[] {
  if (origin === undefined)
    return versions.flatMap(({ version, read }) =>
      read ? [`${version} has the digest ${read.digest}`] : [],
    );
  const { uri, digest, revision, bytes, isCached } = origin;
  const where = isCached ? 'in the cache already' : 'fetched for this';
  return [
    ...(uri === undefined ? [] : [`from ${uri}${revision === undefined ? '' : `, which is ${revision}`}`]),
    `digest ${digest}, ${bytes} bytes${uri === undefined ? '' : `, ${where}`}`,
  ];
}

function headline({ name, versions, left, policy }: RepositoryModel): string {
  if (policy === undefined) return `${name}: one version, without a number`;
  const all = versions.length + left.length;
  return `${name}: ${versions.length} of ${all} version${all === 1 ? '' : 's'} served, by the policy '${policyText(policy)}'`;
}

function versionTable({ versions, left, labels }: RepositoryModel): readonly string[] {
  const served = versions.map(({ version, path }) => {
    const own = labels.filter(label => label.version === version).map(({ label }) => label);
    return [version, 'served', own.join(', '), path];
  });
  return table([
    ['VERSION', '', 'LABELS', ''],
    ...served,
    ...left.map(({ version, why }) => [version, 'not served', '', why]),
  ]);
}

function settingTable(model: RepositoryModel, usual: ModelSettings): readonly string[] {
  const rows = differences(model, usual).map(({ setting, value, usually, from }) => [
    setting,
    JSON.stringify(value),
    JSON.stringify(usually),
    from,
  ]);
  return rows.length === 0 ? [] : table([['SETTING', 'HERE', 'USUALLY', 'FROM'], ...rows]);
}

interface Difference {
  readonly setting: string;
  readonly value: Json;
  readonly usually: Json;
  /** The fields that it comes from, with their lines. */
  readonly from: string;
}

/** What is not said of a model that Python runs. */
const usualProcesses = { threads: 1, instances: 1 } as const;

/** All versions of a model run alike. */
function differences({ versions, origins }: RepositoryModel, given: ModelSettings): readonly Difference[] {
  const usual = versions[0]?.python === undefined ? given : { ...given, ...usualProcesses };
  const settings = Object.entries(versions[0]?.settings ?? {}) as [keyof ModelSettings, Json][];
  return settings
    .filter(([setting, value]) => JSON.stringify(value) !== JSON.stringify(usual[setting]))
    .map(([setting, value]) => {
      const from = origins.filter(origin => origin.setting === setting);
      const places = from.map(({ field, at }) => (at === undefined ? field : `${field} (${at})`));
      return { setting, value, usually: usual[setting] ?? null, from: [...new Set(places)].join(', ') };
    });
}

/** Columns two spaces apart, the last one as wide as it is. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map(line => `  ${line}`);
}

/** The same as plain JSON. */
export function explainJson(found: readonly ScannedModel[], usual: ModelSettings): Json {
  return { models: found.map(model => jsonOf(model, usual)) };
}

function jsonOf(model: ScannedModel, usual: ModelSettings): Json {
  if (isBroken(model)) return { name: model.name, problem: model.problem };
  const { name, policy, versions, left, labels, notes, origin } = model;
  return {
    name,
    ...(origin && { origin: { ...origin } }),
    policy: policy === undefined ? null : policyText(policy),
    versions: [
      ...versions.map(({ version, path, read }) => ({
        version,
        served: true,
        path,
        ...(read && { digest: read.digest }),
      })),
      ...left.map(({ version, why }) => ({ version, served: false, why })),
    ],
    labels: Object.fromEntries(labels.map(({ label, version }) => [label, version])),
    settings: differences(model, usual).map(one => ({ ...one })),
    notes: notes.map(({ field, value, why, at }) => ({ field, value, why, at: at ?? null })),
  };
}
