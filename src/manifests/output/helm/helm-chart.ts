import type { KubeObject } from '../../object.ts';
import { ordered } from '../order.ts';
import { fileNames, type TextFile } from '../text-file.ts';
import { yamlOf } from '../yaml/write.ts';
import { untouched } from './insertions.ts';
import { type KnobsOf, knobsOf } from './knobs.ts';
import { notes } from './notes.ts';
import type { ChartArm } from './tiers.ts';
import { templated, valuesSchema, valuesText } from './values.ts';

export interface ChartOptions {
  /** Of the chart: that of the service. */
  readonly name: string;
  /** Of the chart, by semantic versioning. */
  readonly version: string;
  /** What it installs, such as the stable revision. */
  readonly appVersion: string;
  readonly arms: readonly ChartArm[];
}

/**
 * A Helm chart. Installed with its own values it comes to the same objects, whatever the release is called: names are those of the
 * service and its revisions. A value that it has not is refused by its schema.
 */
export function helmChart(objects: readonly KubeObject[], options: ChartOptions): readonly TextFile[] {
  const sorted = ordered(objects);
  const knobs = knobsOf(sorted, options.arms, options.name);
  const all = [...knobs.values()].flat();
  return [
    { path: 'Chart.yaml', text: chartText(options) },
    { path: 'values.yaml', text: valuesText(all) },
    { path: 'values.schema.json', text: `${JSON.stringify(valuesSchema(all), null, 2)}\n` },
    { path: '.helmignore', text: '.*\n*.tgz\n' },
    { path: 'templates/_helpers.tpl', text: helpers(options.name) },
    ...templates(knobs),
    { path: 'templates/NOTES.txt', text: notes(options) },
  ];
}

function chartText({ name, version, appVersion }: ChartOptions): string {
  const description = `The model service ${name}, as fairlead renders it.`;
  return yamlOf({ apiVersion: 'v2', name, description, type: 'application', version, appVersion });
}

function templates(knobs: KnobsOf): TextFile[] {
  const names = fileNames([...knobs.keys()]);
  return [...knobs].map(([object, own]) => ({
    path: `templates/${names.get(object)}`,
    text: yamlOf(templated(object, own), untouched),
  }));
}

function helpers(chart: string): string {
  return `{{/* A reference of an image, of its parts. */}}
{{- define "${chart}.image" -}}
{{ .repository }}{{ with .tag }}:{{ . }}{{ end }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
`;
}
