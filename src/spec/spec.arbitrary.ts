/** Service files for property tests: what a person may write, every field of the schema among it. */
import * as fc from 'fast-check';

const label = fc.stringMatching(/^[A-Za-z0-9]([-._A-Za-z0-9]{0,20}[A-Za-z0-9])?$/);

/** Numbers of whole milliseconds up to a day, in every unit that says them. */
const duration = (least: number, most: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(['ms', 1], ['s', 1000], ['m', 60_000], ['h', 3_600_000]),
      fc.integer({ min: least, max: most }),
    )
    .map(([[unit, scale], milliseconds]) => `${Math.ceil(milliseconds / scale)}${unit}`);

const size = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 }),
  fc.integer({ min: 1, max: 2 ** 31 }).map(String),
  fc
    .tuple(fc.integer({ min: 1, max: 2047 }), fc.constantFrom('k', 'Ki', 'M', 'Mi'))
    .map(([n, unit]) => `${n}${unit}`),
);

const optional: { requiredKeys: [] } = { requiredKeys: [] };

const model = fc.record(
  {
    uri: fc.string({ minLength: 1, unit: 'grapheme' }),
    name: label,
    version: fc.oneof(label, fc.nat()),
  },
  { requiredKeys: ['uri'] },
);

const replicas = fc.integer({ min: 0, max: 1000 });

const runtime = fc.record(
  { onnx: fc.record({ threads: fc.integer({ min: 1, max: 256 }) }, optional) },
  optional,
);

const server = fc.record(
  {
    batching: fc.record({ maxRows: fc.integer({ min: 1, max: 4096 }) }, optional),
    limits: fc.record(
      {
        body: size,
        inFlight: fc.integer({ min: 1, max: 65_536 }),
        requestTime: duration(1, 86_400_000),
      },
      optional,
    ),
    // An hour at most for the one and more for the other: the delay counts within the grace.
    drain: fc.record({ delay: duration(0, 3_600_000), grace: duration(3_600_001, 86_400_000) }),
  },
  optional,
);

const candidate = fc.record(
  { model, weight: fc.integer({ min: 0, max: 100 }), replicas },
  { requiredKeys: ['model', 'weight'] },
);

/** A whole file, as data before it is written. */
export const serviceFile = fc.record(
  {
    apiVersion: fc.constant('fairlead.dev/v1alpha1'),
    kind: fc.constant('ModelService'),
    metadata: fc.record({ name: fc.stringMatching(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/) }),
    spec: fc.record({ model, candidate, runtime, server, replicas }, { requiredKeys: ['model'] }),
  },
  { requiredKeys: ['kind', 'metadata', 'spec'] },
);
