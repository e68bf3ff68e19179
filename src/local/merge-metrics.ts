import { type Metric, type MetricName, metrics } from '#spec';

/** One server's /metrics text, and the labels that tell its samples from other servers'. */
export interface Page {
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Family {
  readonly type?: string;
  readonly help?: string;
  readonly samples: string[];
}

/** A line of the text format: `name{labels} value [timestamp]`. Label values may hold anything, escaped. */
const SAMPLE =
  /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>(?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+(?<value>[^\s]+(?:[ \t]+-?\d+)?)[ \t]*$/;
const COMMENT = /^#[ \t]+(?<kind>HELP|TYPE)[ \t]+(?<name>[a-zA-Z_:][\w:]*)[ \t]+(?<text>.*)$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};

/**
 * Several pages of Prometheus text as one valid page: families in order of first appearance, each with one HELP and TYPE,
 * each sample with its page's labels. Lines that are not the format's are left out, as are samples of a family that
 * another page declared with another type.
 */
export function mergeMetrics(pages: readonly Page[]): string {
  const merged = new Map<string, Family>();
  for (const page of pages) {
    for (const [name, family] of familiesOf(page)) {
      const known = merged.get(name);
      if (known === undefined) merged.set(name, family);
      else if (known.type === family.type) known.samples.push(...family.samples);
    }
  }
  return [...merged].map(([name, family]) => written(name, family)).join('');
}

/** A sample of one of our own metrics. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A counter or gauge of the metric list as text. */
export function renderMetric(name: MetricName, samples: readonly Sample[]): string {
  const { help, kind }: Metric = metrics[name];
  const lines = samples.map(({ labels, value }) => {
    const text = labelText(labels);
    return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
  });
  return written(name, { help, type: kind, samples: lines });
}

function written(name: string, { help, type, samples }: Family): string {
  if (samples.length === 0) return '';
  const comments = [
    ...(help === undefined ? [] : [`# HELP ${name} ${help}`]),
    ...(type === undefined ? [] : [`# TYPE ${name} ${type}`]),
  ];
  return [...comments, ...samples, ''].join('\n');
}

function familiesOf({ text, labels }: Page): Map<string, Family> {
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''));
  const declared = declarations(lines);
  const families = new Map<string, Family>();
  for (const line of lines) {
    const found = line.startsWith('#') ? undefined : SAMPLE.exec(line)?.groups;
    if (found === undefined) continue;
    const name = found['name'] ?? '';
    const family = familyName(name, declared);
    const entry = families.get(family) ?? { ...declared.get(family), samples: [] };
    const all = [labelText(labels), renamed(found['labels'] ?? '', labels)].filter(part => part !== '');
    entry.samples.push(`${name}{${all.join(',')}} ${found['value']}`);
    families.set(family, entry);
  }
  return families;
}

function declarations(lines: readonly string[]): Map<string, { help?: string; type?: string }> {
  const declared = new Map<string, { help?: string; type?: string }>();
  for (const line of lines) {
    const found = COMMENT.exec(line)?.groups;
    if (found === undefined) continue;
    const { name = '', kind, text = '' } = found;
    const entry = kind === 'HELP' ? { help: text } : { type: text.trim() };
    declared.set(name, { ...entry, ...declared.get(name) });
  }
  return declared;
}

/** The family a sample belongs to: `x_bucket`, `x_sum` and `x_count` belong to the histogram `x`. */
function familyName(name: string, declared: ReadonlyMap<string, { type?: string }>): string {
  for (const [type, suffixes] of Object.entries(SUFFIXES)) {
    const suffix = suffixes.find(one => name.endsWith(one));
    const stem = suffix === undefined ? '' : name.slice(0, -suffix.length);
    if (declared.get(stem)?.type === type) return stem;
  }
  return name;
}

/** A sample's own labels without a clash: a label that the page's labels also have is kept as `exported_…`. */
function renamed(labels: string, taken: Readonly<Record<string, string>>): string {
  const own = [...labels.matchAll(/([a-zA-Z_]\w*)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*")/g)];
  return own
    .map(([, name = '', value = '']) => `${name in taken ? `exported_${name}` : name}=${value}`)
    .join(',');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
