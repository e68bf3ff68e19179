/**
 * What a file says that a server of others cannot honour. Defaults are filled in when a schema has read a file, so this
 * looks at what is written.
 */
import { type ForeignKind, foreignKind, foreignKinds } from './foreign-schema.ts';
import { type Path, pathsLike } from './places.ts';
import { server } from './server-schema.ts';

export interface Refusal {
  readonly path: Path;
  readonly problem: string;
}

const named: Readonly<Record<ForeignKind, string>> = {
  triton: 'Triton',
  tensorflowServing: 'TensorFlow Serving',
  custom: 'a server of your own',
};

/** Why a field is refused, by whose server it is; for those that are left out, it has an effect. */
type Reasons = Readonly<Partial<Record<ForeignKind, string>>>;

const forAll = (why: string): Reasons => ({ triton: why, tensorflowServing: why, custom: why });

const beside = forAll('another server runs the models');
const ofTheModel: Reasons = {
  triton: 'write it in config.pbtxt, which lies in the folder of the model',
  tensorflowServing: 'it has no such setting',
  custom: 'it is up to the command',
};
const numbered =
  'its versions are the numbers of folders, and version_policy in config.pbtxt chooses among them';

const ofSpec: readonly (readonly [path: string, reasons: Reasons])[] = [
  ['runtime.onnx', beside],
  ['runtime.python', beside],
  [
    'server.batching',
    { ...ofTheModel, tensorflowServing: 'name a file with runtime.tensorflowServing.batching' },
  ],
  ['server.queue', ofTheModel],
  ['server.priorities', ofTheModel],
  ['server.limits.inFlight', ofTheModel],
  ['server.limits.requestTime', forAll('set server.deadline, which the gateway holds it to')],
  [
    'server.control',
    {
      tensorflowServing: 'it serves what is there when it starts; save the file again for what came later',
      custom: 'it is up to the command',
    },
  ],
  ['server.lazy', ofTheModel],
];

const ofServed: readonly (readonly [path: string, reasons: Reasons])[] = [
  ['models', { custom: 'it is told of one model; name a folder as repository' }],
  ['repository.versions', { triton: numbered, custom: 'it is up to the command' }],
];

const ofModel: readonly (readonly [path: string, reasons: Reasons])[] = [
  ...['batching', 'deadline', 'queue', 'priorities', 'share'].map(
    path => [path, { ...ofTheModel, ...(path === 'deadline' && forAll('set server.deadline')) }] as const,
  ),
  ['runtime', beside],
  ['version', { triton: numbered }],
  ['versions', { triton: numbered, custom: 'it is up to the command' }],
  ['labels', { triton: 'it has no labels', custom: 'it is up to the command' }],
];

const inServed = (arm: string): string[] => [`${arm}model`, `${arm}models.*`];

const rules: readonly (readonly [path: string, reasons: Reasons])[] = [
  ...ofSpec,
  ...['', 'candidate.'].flatMap(arm => [
    ...ofServed.map(([path, reasons]) => [`${arm}${path}`, reasons] as const),
    ...inServed(arm).flatMap(model =>
      ofModel.map(([path, reasons]) => [`${model}.${path}`, reasons] as const),
    ),
  ]),
];

/** Of `spec.server`, what the gateway does for whatever runs behind it, or the launch of any server. */
const KEPT = ['deadline', 'limits', 'drain', 'auth', 'tls', 'cors', 'tracing'];

/** What is written and would change nothing, or contradicts itself. */
export function foreignRefusals(file: unknown): readonly Refusal[] {
  const runtime = at(file, ['spec', 'runtime']);
  const kind = isMap(runtime) ? foreignKind(runtime) : undefined;
  if (kind === undefined || !isMap(runtime)) return [];
  const others = foreignKinds.filter(other => other !== kind && runtime[other] !== undefined);
  const twice = others.map(other => ({
    path: ['spec', 'runtime', other],
    problem: `cannot stand beside ${kind}: one server runs the models`,
  }));
  return [
    ...twice,
    ...ruled(file, kind),
    ...unknownToRules(file, kind),
    ...polled(file, kind),
    ...unguarded(file, kind),
  ];
}

function ruled(file: unknown, kind: ForeignKind): Refusal[] {
  return rules.flatMap(([path, reasons]) => {
    const why = reasons[kind];
    if (why === undefined) return [];
    const found = pathsLike(file, ['spec', ...path.split('.')]);
    return found.map(one => ({ path: one, problem: `has no effect on ${named[kind]}: ${why}` }));
  });
}

/** A part of `spec.server` that no rule names is refused, so that what is new is not passed over. */
function unknownToRules(file: unknown, kind: ForeignKind): Refusal[] {
  const known = new Set([...KEPT, ...ofSpec.map(([path]) => path.replace(/^server\./, '').split('.')[0])]);
  return Object.keys(server.shape)
    .filter(key => !known.has(key) && at(file, ['spec', 'server', key]) !== undefined)
    .map(key => ({ path: ['spec', 'server', key], problem: `has no effect on ${named[kind]}` }));
}

/** Triton counts whole seconds, and looks only at a repository, not at the links to one model. */
function polled(file: unknown, kind: ForeignKind): Refusal[] {
  const path = ['spec', 'server', 'control', 'poll'];
  const poll = at(file, path);
  if (kind !== 'triton' || typeof poll !== 'string') return [];
  if (at(file, ['spec', 'repository']) === undefined)
    return [{ path, problem: 'has no effect on Triton unless it serves a repository' }];
  return /^[1-9]\d*(s|m|h)$/.test(poll) ? [] : [{ path, problem: 'must be whole seconds, as Triton counts' }];
}

/** What it loads while it runs, nobody looks at before. */
function unguarded(file: unknown, kind: ForeignKind): Refusal[] {
  const [policy, control] = [
    ['spec', 'policy'],
    ['spec', 'server', 'control'],
  ] as const;
  if (at(file, policy) === undefined || at(file, control) === undefined) return [];
  return [
    {
      path: policy,
      problem: `cannot be kept by ${named[kind]} beside server.control: it loads by itself what comes`,
    },
  ];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isMap(inner) ? inner[key] : undefined), value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
