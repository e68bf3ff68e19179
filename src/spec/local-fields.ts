/** What a file says for a cluster, on a machine: told where it changes nothing here, refused where it would mean something else. */
import { stableJson } from '#base';
import { kubernetes } from './kubernetes-schema.ts';
import { resources } from './resources-schema.ts';
import { serversHere } from './revision.ts';
import type { ModelService } from './schema.ts';

type Spec = ModelService['spec'];

/** A field by its path, `spec.candidate.match`, and what follows it in a sentence. */
export interface LocalField {
  readonly path: string;
  readonly problem: string;
}

/** Where servers are processes of one machine, each part of a file that is only for pods, in one sentence. */
export function clusterNotes(service: ModelService): readonly string[] {
  return clusterFields(service).map(({ path, problem }) => `${path} ${problem}`);
}

/** Those of which `clusterNotes` tells. What is written as its default is says nothing that could be passed over. */
export function clusterFields({ spec }: ModelService): readonly LocalField[] {
  return parts.flatMap(([path, isSaid, problem]) =>
    isSaid(spec) ? [{ path, problem: typeof problem === 'string' ? problem : problem(spec) }] : [],
  );
}

type Part = readonly [
  path: string,
  isSaid: (spec: Spec) => boolean,
  problem: string | ((spec: Spec) => string),
];

const IMAGE = 'is what pods run, and changes nothing here: servers are processes of this machine';
const SPOT = 'is about the machines of a cluster, and changes nothing on this one';

const parts: readonly Part[] = [
  ['spec.image', ({ image }) => image !== undefined, IMAGE],
  ['spec.candidate.image', ({ candidate }) => candidate?.image !== undefined, IMAGE],
  [
    'spec.resources',
    ({ resources: said }) => isOther(said, resources.parse({})),
    'is of pods, and changes nothing here: servers share this machine',
  ],
  [
    'spec.scaling',
    ({ scaling }) => scaling !== undefined,
    spec => `starts as many servers here as its min says, ${serversHere(spec)}: nothing scales them`,
  ],
  [
    'spec.traffic',
    ({ traffic }) => traffic !== undefined,
    'is for Kubernetes, and changes nothing here: the gateway of `fairlead up` splits the requests',
  ],
  [
    'spec.kubernetes',
    ({ kubernetes: said }) => isOther(said, kubernetes.parse({})),
    'is for Kubernetes, and changes nothing here',
  ],
  ['spec.capacity.spot.cloud', ({ capacity }) => capacity?.spot?.cloud !== undefined, SPOT],
  ['spec.capacity.spot.floor', ({ capacity }) => capacity?.spot?.floor !== undefined, SPOT],
];

/** Defaults are filled in as they are for a part that is not written. */
function isOther(said: object, usual: object): boolean {
  return stableJson(said) !== stableJson(usual);
}

const NOT_HERE = 'the gateway of `fairlead up` splits requests by weight alone';

/** What is said and would be done otherwise on this machine than on a cluster, or cannot be done: users would reach another revision. */
export function localRefusals(service: ModelService): readonly LocalField[] {
  const { candidate, traffic } = service.spec;
  const said: readonly (readonly [path: string, value: unknown])[] = [
    ['spec.candidate.match', candidate?.match],
    ['spec.candidate.mirror', candidate?.mirror],
    ['spec.traffic.sticky', traffic?.sticky],
  ];
  const routed = said.filter(([, value]) => value !== undefined);
  return [
    ...routed.map(([path]) => ({
      path,
      problem: `is for Kubernetes, and cannot be kept here: ${NOT_HERE}`,
    })),
    ...fixedPorts(service),
  ];
}

/** A pod has its ports for itself, and a machine has each only once. */
function fixedPorts({ spec }: ModelService): LocalField[] {
  if (serversHere(spec) <= 1 && spec.candidate === undefined) return [];
  const fixed = Object.entries(spec.runtime.custom?.ports ?? {}).filter(
    ([, port]) => typeof port === 'number',
  );
  return fixed.map(([kind]) => ({
    path: `spec.runtime.custom.ports.${kind}`,
    problem:
      'must be auto here: the several servers of this service cannot all listen on one port of a machine',
  }));
}
