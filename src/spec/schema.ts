/** The file's schema: the one source of types, defaults, messages and the JSON Schema that `fairlead schema` prints. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import { capacity } from './capacity-schema.ts';
import { kubernetes } from './kubernetes-schema.ts';
import { servesOneKind, whatIsServed } from './model-schema.ts';
import { policy } from './policy-schema.ts';
import { resources } from './resources-schema.ts';
import { scaling } from './scaling-schema.ts';
import { server } from './server-schema.ts';
import { runtime } from './settings-schema.ts';
import { match, traffic } from './traffic-schema.ts';

const name = z
  .string()
  .max(40, 'is longer than 40 characters')
  .regex(
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    'must be lower-case letters, digits and dashes, starting with a letter',
  )
  .describe('Names the service: a DNS label of at most 40 characters.');

const replicas = z.int().min(0).max(1000).default(1).describe('Server processes.');

const image = z
  .string()
  .min(1, 'must not be empty')
  .max(1000)
  .optional()
  .describe('The container image that pods run, by digest at best: what `fairlead image build` printed.');

const candidate = servesOneKind(
  z.strictObject({
    ...whatIsServed,
    image,
    match: match.optional().describe('Requests that go to the candidate whatever its weight (A/B).'),
    mirror: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe(
        'Percent of requests to the stable revision that the candidate gets a copy of; its answers are dropped.',
      ),
    weight: z.int().min(0).max(100).describe('Percent of requests that go to the candidate.'),
    replicas: replicas.describe("The candidate's server processes."),
  }),
);

const spec = servesOneKind(
  z.strictObject({
    ...whatIsServed,
    candidate: candidate.optional().describe('A second revision, served beside the stable one.'),
    policy: policy
      .optional()
      .describe('Which models are let in. Default: all that run no code when they are loaded.'),
    image,
    runtime: runtime.prefault({}),
    server: server.prefault({}),
    replicas,
    scaling: scaling.optional().describe('In place of replicas: as many as are needed.'),
    resources: resources.prefault({}),
    traffic: traffic
      .optional()
      .describe("What splits requests on Kubernetes. Default: with a candidate, fairlead's own gateway."),
    kubernetes: kubernetes.prefault({}),
    capacity: capacity.optional().describe('On what machines it runs.'),
  }),
)
  .refine(value => value.server.control?.explicit === undefined || isOneServer(value), {
    error: 'needs a service of one server: a client that loads a model would reach only one of several',
    path: ['server', 'control', 'explicit'],
  })
  .check(({ value, issues }) => {
    if (!hasRepository(value)) return;
    for (const field of ofOneModel.filter(one => value.runtime.python?.[one] !== undefined))
      issues.push({
        code: 'custom',
        input: value,
        message: 'is for one model, and has no effect on a repository; name its models one by one, as models',
        path: ['runtime', 'python', field],
      });
  })
  .refine(value => value.scaling?.cpu === undefined || value.resources.gpu === undefined, {
    error: 'says nothing of the load of a GPU: scale by inFlight, external or prometheus',
    path: ['scaling', 'cpu'],
  })
  .refine(value => value.policy?.digest === undefined || !hasRepository(value), {
    error: 'cannot be kept by a repository, which has no digest; name its models one by one, as models',
    path: ['policy', 'digest'],
  });

/** What is said of Python for the models of a repository says nothing that only one of them can have. */
const ofOneModel = ['class', 'inputs', 'outputs'] as const;

function hasRepository(value: {
  repository?: unknown;
  candidate?: { repository?: unknown } | undefined;
}): boolean {
  return value.repository !== undefined || value.candidate?.repository !== undefined;
}

function isOneServer(value: {
  replicas: number;
  scaling?: { max: number } | undefined;
  candidate?: unknown;
}): boolean {
  return (value.scaling?.max ?? value.replicas) <= 1 && value.candidate === undefined;
}

export const modelService = z
  .strictObject({
    apiVersion: z.literal('fairlead.dev/v1alpha1').default('fairlead.dev/v1alpha1'),
    kind: z.literal('ModelService'),
    metadata: z.strictObject({ name }),
    spec,
  })
  .meta({
    title: 'ModelService',
    description: 'A model service: the same file on one machine and on Kubernetes.',
  });

/** A service file after parsing: every default is filled in. */
export type ModelService = Readonly<z.output<typeof modelService>>;
export type RuntimeOptions = ModelService['spec']['runtime'];
export type ServerOptions = ModelService['spec']['server'];
/** How a notice that the machine is taken away reaches a service. */
export type SpotNotice = NonNullable<
  NonNullable<NonNullable<ModelService['spec']['capacity']>['spot']>['notice']
>;
/** What the stable revision serves, or the candidate: one of its three members is there. */
export type Served = Pick<ModelService['spec'], 'model' | 'models' | 'repository'>;

/** The JSON Schema (2020-12) of what a person may write. */
export function jsonSchema(): object {
  return z.toJSONSchema(modelService, { io: 'input' });
}
