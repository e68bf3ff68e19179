import { type Metric, type MetricName, metrics } from '#spec';

/** A series that counts up. */
export interface Counter {
  add(by: number): void;
}

/** A series that is set. */
export interface Gauge {
  set(value: number): void;
  add(by: number): void;
}

/** A series of observations. */
export interface Histogram {
  observe(value: number): void;
}

type NamesOf<K extends Metric['kind']> = {
  [N in MetricName]: (typeof metrics)[N]['kind'] extends K ? N : never;
}[MetricName];

class Value implements Counter, Gauge {
  #value = 0;

  add(by: number): void {
    this.#value += by;
  }

  set(value: number): void {
    this.#value = value;
  }

  lines(name: string, labels: string): string {
    return `${name}${braced(labels)} ${this.#value}\n`;
  }
}

class Buckets implements Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] ?? 0)) index++;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  /** Cumulative, as the text format has them. */
  lines(name: string, labels: string): string {
    const comma = labels === '' ? '' : ',';
    let count = 0;
    let text = '';
    for (const [index, inBucket] of this.#counts.entries()) {
      count += inBucket;
      text += `${name}_bucket{${labels}${comma}le="${this.#bounds[index] ?? '+Inf'}"} ${count}\n`;
    }
    return `${text}${name}_sum${braced(labels)} ${this.#sum}\n${name}_count${braced(labels)} ${count}\n`;
  }
}

/**
 * The metrics of one process, from the list in `spec`. A series is made once and then held by whoever writes it, so that
 * the path of a request looks nothing up. Exposed in Prometheus' text format 0.0.4.
 */
export class Registry {
  readonly #series = new Map<MetricName, Map<string, Value | Buckets>>();

  counter(name: NamesOf<'counter'>, labels: Readonly<Record<string, string>> = {}): Counter {
    return this.#value(name, labels);
  }

  gauge(name: NamesOf<'gauge'>, labels: Readonly<Record<string, string>> = {}): Gauge {
    return this.#value(name, labels);
  }

  histogram(name: NamesOf<'histogram'>, labels: Readonly<Record<string, string>> = {}): Histogram {
    const { buckets } = metrics[name];
    return this.#of(name, labels, () => new Buckets(buckets)) as Buckets;
  }

  /** Drops every series that has these labels, which must be the first ones of its metric. */
  forget(labels: Readonly<Record<string, string>>): void {
    const first = labelsText(Object.keys(labels), labels);
    for (const series of this.#series.values())
      for (const key of series.keys()) if (key === first || key.startsWith(`${first},`)) series.delete(key);
  }

  text(): string {
    let text = '';
    for (const [name, series] of this.#series) {
      const { kind, help } = metrics[name];
      text += `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n`;
      for (const [labels, one] of series) text += one.lines(name, labels);
    }
    return text;
  }

  #value(name: MetricName, labels: Readonly<Record<string, string>>): Value {
    return this.#of(name, labels, () => new Value()) as Value;
  }

  #of(
    name: MetricName,
    labels: Readonly<Record<string, string>>,
    make: () => Value | Buckets,
  ): Value | Buckets {
    const family = this.#series.get(name) ?? new Map<string, Value | Buckets>();
    this.#series.set(name, family);
    const key = labelText(name, labels);
    const found = family.get(key) ?? make();
    family.set(key, found);
    return found;
  }
}

/** The labels in the order of the metric list, escaped as the text format wants. */
function labelText(name: MetricName, labels: Readonly<Record<string, string>>): string {
  return labelsText(metrics[name].labels, labels);
}

function labelsText(names: readonly string[], labels: Readonly<Record<string, string>>): string {
  const escape = (value: string): string =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return names.map(label => `${label}="${escape(labels[label] ?? '')}"`).join(',');
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}
