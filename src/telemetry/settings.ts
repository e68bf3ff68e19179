/** Where spans go, and which. */
export interface TracingSettings {
  /** An OTLP receiver over HTTP, with its path: `http://localhost:4318/v1/traces`. */
  readonly endpoint: string;
  /** The part of traces that begin here, 0 to 1, that is recorded. */
  readonly sample: number;
  /** Whether a trace that began elsewhere is recorded if it is there; else it is sampled as if it began here. */
  readonly parentBased: boolean;
  /** Whose spans they are, by OpenTelemetry's names: `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>;
}
