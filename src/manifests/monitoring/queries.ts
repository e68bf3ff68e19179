/**
 * Queries of PromQL over the pods of a service. Pods are told by the start of their names, which says their revision: so one text
 * holds for all revisions there will be. It needs the labels `namespace` and `pod`, as the Prometheus operator sets them and the
 * usual scrape of annotated pods does.
 */
import type { Release } from '../release.ts';
import type { Counter, Gauge, Histogram, KnownMetric } from './known-metrics.ts';

/** What rates are over: several scrapes, and short enough to see a change. */
const WINDOW = '5m';

/** By label, a pattern that its value must be like; with `!` before it, must not. */
export type Matchers = Readonly<Record<string, string>>;

/** Those of servers, or of the gateway. */
export interface Pods {
  readonly namespace: string | undefined;
  readonly pod: string;
  /** What the name says: the revision is the first group; undefined for pods that are of none. */
  readonly revision: string | undefined;
}

export function serverPods({ name, namespace }: Release): Pods {
  return { namespace, pod: `${name}-[0-9a-f]{8}-.+`, revision: `(${name}-[0-9a-f]{8})-.+` };
}

export function gatewayPods({ name, namespace }: Release): Pods {
  return { namespace, pod: `${name}-gateway-.+`, revision: undefined };
}

/** The series of a metric. */
function series(name: KnownMetric, { namespace, pod }: Pods, matchers: Matchers = {}, suffix = ''): string {
  const parts = Object.entries(matchers).map(([label, value]) =>
    value.startsWith('!') ? `${label}!~"${value.slice(1)}"` : `${label}=~"${value}"`,
  );
  const whose = namespace === undefined ? [] : [`namespace="${namespace}"`];
  return `${name}${suffix}{${[...whose, `pod=~"${pod}"`, ...parts].join(',')}}`;
}

/** Says of each series which revision it is of. */
function revised(vector: string, { revision }: Pods): string {
  return revision === undefined ? vector : `label_replace(${vector}, "revision", "$1", "pod", "${revision}")`;
}

function summed(vector: string, by: readonly string[], pods: Pods): string {
  return `sum by (${by.join(', ')}) (${revised(vector, pods)})`;
}

/** In a second. */
export function rateOf(name: Counter, by: readonly string[], pods: Pods, matchers?: Matchers): string {
  return summed(`rate(${series(name, pods, matchers)}[${WINDOW}])`, by, pods);
}

export function sumOf(name: Gauge, by: readonly string[], pods: Pods, matchers?: Matchers): string {
  return summed(series(name, pods, matchers), by, pods);
}

/** Of a histogram: what this part of the values is at most. */
export function quantileOf(
  part: number,
  name: Histogram,
  {
    by,
    pods,
    matchers,
  }: { readonly by: readonly string[]; readonly pods: Pods; readonly matchers?: Matchers },
): string {
  const buckets = `rate(${series(name, pods, matchers, '_bucket')}[${WINDOW}])`;
  return `histogram_quantile(${part}, ${summed(buckets, [...by, 'le'], pods)})`;
}

/** Of a histogram. */
export function meanOf(name: Histogram, by: readonly string[], pods: Pods): string {
  const [sum, count] = ['_sum', '_count'].map(suffix =>
    summed(`rate(${series(name, pods, {}, suffix)}[${WINDOW}])`, by, pods),
  );
  return `${sum} / ${count}`;
}

/** Each series as it is. */
export function eachOf(name: Gauge, pods: Pods, matchers?: Matchers): string {
  return revised(series(name, pods, matchers), pods);
}

/** How often it changed. */
export function changesOf(name: Gauge, pods: Pods, over: string): string {
  return revised(`changes(${series(name, pods)}[${over}])`, pods);
}

/** By how much it grew. */
export function increaseOf(name: Counter, pods: Pods, over: string, matchers?: Matchers): string {
  return revised(`increase(${series(name, pods, matchers)}[${over}])`, pods);
}

/** 1 where nothing tells it. */
export function absenceOf(name: Counter | Gauge, pods: Pods): string {
  return `absent(${series(name, pods)})`;
}
