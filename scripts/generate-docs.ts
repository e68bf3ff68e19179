/**
 * Writes the pages that the code already holds: errors from the catalogue, metrics from their list, the file's JSON
 * Schema, and the .proto files of what is served over gRPC. A test keeps them equal to what this writes.
 *
 *   node scripts/run.mjs scripts/generate-docs.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catalogue, type ErrorCode } from '#base';
import { protoTexts } from '#server';
import { jsonSchema, type Metric, metrics } from '#spec';

/** An entry of the catalogue, whatever facts its message takes. */
interface AnyEntry {
  readonly meaning: string;
  readonly status: number;
  readonly exit: number;
  readonly retry: string;
  /** A list when the message is a placeholder itself. */
  readonly message: (facts: object) => string | readonly string[];
  readonly hint?: string;
}

/** Path from the root, to text. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/errors.md', errorsPage(catalogue as unknown as Readonly<Record<ErrorCode, AnyEntry>>)],
    ['docs/metrics.md', metricsPage(metrics)],
    ['docs/modelservice.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ...[...protoTexts()].map(([name, text]): [string, string] => [`docs/proto/${name}`, text]),
  ]);
}

const NOTE = '<!-- Written by scripts/generate-docs.ts: change the code, then run it. -->\n';

export function errorsPage(entries: Readonly<Record<string, AnyEntry>>): string {
  const rows = Object.entries(entries).map(([code, { status, exit, retry }]) => [
    `[\`${code}\`](#${code})`,
    String(status),
    String(exit),
    retry,
  ]);
  const sections = Object.entries(entries).map(([code, entry]) => errorSection(code, entry));
  return `# Errors

${NOTE}
Every failure has one code. Over HTTP it becomes a status, worded as each protocol words its errors; on the command line
one sentence on stderr, a hint, and an exit code: 1 the answer is no, 2 the input is wrong, 3 the surroundings are.
*Retry* says whether the same call may succeed: \`now\`, \`later\`, or \`never\` as it stands.

${table(['code', 'status', 'exit', 'retry'], rows)}
${sections.join('\n')}`;
}

function errorSection(code: string, { meaning, message, hint }: AnyEntry): string {
  const said = String(message(placeholders)).replaceAll(/^/gm, '> ').replaceAll('\n', '  \n');
  return `## ${code}\n\n${meaning}\n\n${said}\n${hint === undefined ? '' : `\nHint: ${hint}.\n`}`;
}

/** Facts that read as their names: a list of one name is that name in a text, and a list where a message wants one. */
const placeholders = new Proxy({}, { get: (_facts, name) => [`{${String(name)}}`] });

export function metricsPage(list: Readonly<Record<string, Metric>>): string {
  const sections = Object.entries(list).map(([name, metric]) => metricSection(name, metric));
  return `# Metrics

${NOTE}
Servers and the gateway expose these at \`/metrics\` in Prometheus' text format. The first two are a promise: their names,
labels and buckets do not change.

${sections.join('\n')}`;
}

function metricSection(name: string, { kind, help, labels, buckets }: Metric): string {
  const facts = [
    `- kind: ${kind}`,
    labels.length === 0 ? '- no labels' : `- labels: ${labels.map(label => `\`${label}\``).join(', ')}`,
    ...(buckets === undefined ? [] : [`- buckets: ${buckets.join(', ')}`]),
  ];
  return `## ${name}\n\n${help}\n\n${facts.join('\n')}\n`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function write(): void {
  const root = dirname(import.meta.dirname);
  for (const [path, text] of generated()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}

if (import.meta.main) write();
