/** Of a file that a cluster cannot honour as it is, what is left when all that is refused is taken out, or said as it must be. */
import { type KubeObject, monitoringOf, objectsOf } from '#manifests';
import { parse } from '#spec';
import { releaseOf } from '../../src/manifests/fixtures/release.ts';

export interface File {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

export interface Heeded {
  readonly file: File;
  /** With those that `render --monitoring` adds. */
  readonly objects: readonly KubeObject[];
  /** What was refused of it at first. */
  readonly refused: readonly string[];
}

/** What is taken out may be what something else needs, which is then refused. */
const MOST_ROUNDS = 12;

/** Undefined where nothing is left that can be rendered. */
export function heeded(written: File, namespace: string): Heeded | undefined {
  const refused: string[] = [];
  let file: File = structuredClone(written);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (!parse(JSON.stringify(file)).ok) return undefined;
    const release = releaseOf(file.spec, { name: file.metadata.name, namespace });
    const objects = objectsOf(release);
    if (objects.ok) return { file, objects: [...objects.value, ...monitoringOf(release)], refused };
    if (round === 0) refused.push(...objects.error.map(({ path }) => path));
    for (const { path, problem } of objects.error) file = mended(file, path, problem);
  }
  return undefined;
}

/** Where something has to be said, or something else; everything else is taken out. */
const mends: readonly (readonly [path: RegExp, problem: RegExp, at: string, value: unknown])[] = [
  [/^spec\.kubernetes\.metrics/, /./, 'spec.kubernetes.metrics', { none: {} }],
  [/^spec\.server\.drain\.grace$/, /./, 'spec.server.drain', { delay: '0s', grace: '2s' }],
  [/^spec\.candidate\.mirror$/, /beside a weight/, 'spec.candidate.weight', 0],
  [/^spec\.traffic\.istio\.hosts$/, /is missing/, 'spec.traffic.istio.hosts', ['digits.example.com']],
  [/^spec\.server\.tls\.healthPort$/, /./, 'spec.server.tls.healthPort', 8600],
];

function mended(file: File, path: string, problem: string): File {
  const [, , at, value] = mends.find(([of, why]) => of.test(path) && why.test(problem)) ?? [];
  const steps = (at ?? path).replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  return (at === undefined ? without(file, steps) : having(file, steps, value)) as File;
}

/** Without what lies at a path, or where nothing does without the nearest part above it. */
function without(data: unknown, [step = '', ...rest]: readonly string[]): unknown {
  if (Array.isArray(data)) return data.map((one, at) => (String(at) === step ? without(one, rest) : one));
  if (!isMap(data)) return data;
  const { [step]: inner, ...others } = data;
  const isLast = rest.length === 0 || !(isMap(inner) || Array.isArray(inner)) || !holds(inner, rest[0]);
  return isLast ? others : { ...others, [step]: without(inner, rest) };
}

function holds(data: object, step: string | undefined): boolean {
  return step !== undefined && Object.hasOwn(data, step);
}

function having(data: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const map = isMap(data) ? data : {};
  return { ...map, [step]: having(map[step], rest, value) };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
