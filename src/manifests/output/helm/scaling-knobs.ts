/** What may be set of an autoscaler: its bounds, and what it aims at. */
import type { KubeObject } from '../../object.ts';
import { type Path, valueAt } from '../walk.ts';
import { scalar, whole } from './insertions.ts';
import { type Knob, reference } from './knob.ts';
import * as schemas from './schemas.ts';
import type { Tier } from './tiers.ts';

interface Place {
  readonly name: string;
  readonly path: Path;
  readonly schema: object;
  readonly about: string;
  readonly write: typeof scalar;
}

const bounds = (least: string, most: string): Place[] => [
  { name: 'min', path: ['spec', least], schema: schemas.count, about: 'Pods at least.', write: int },
  {
    name: 'max',
    path: ['spec', most],
    schema: { ...schemas.count, minimum: 1 },
    about: 'Pods at most.',
    write: int,
  },
];

function int(value: string): ReturnType<typeof whole> {
  return whole(`int ${value}`);
}

/** What KEDA has as text. */
function asText(value: string): ReturnType<typeof scalar> {
  return scalar(`toString ${value}`);
}

const target = (kind: string, member: string): Path => ['spec', 'metrics', 0, kind, 'target', member];

const cpu = (kind: string): Place => ({
  name: 'cpu',
  path: target(kind, 'averageUtilization'),
  schema: { ...schemas.count, minimum: 1 },
  about: 'Percent of the cores that are set aside for a pod.',
  write: int,
});

const places: Readonly<Record<string, readonly Place[]>> = {
  HorizontalPodAutoscaler: [
    ...bounds('minReplicas', 'maxReplicas'),
    cpu('containerResource'),
    cpu('resource'),
    {
      name: 'inFlight',
      path: target('pods', 'averageValue'),
      schema: schemas.amount,
      about: 'Of the metric, for each pod.',
      write: scalar,
    },
    {
      name: 'average',
      path: target('external', 'averageValue'),
      schema: schemas.amount,
      about: 'Of the metric, for each pod.',
      write: scalar,
    },
  ],
  ScaledObject: [
    ...bounds('minReplicaCount', 'maxReplicaCount'),
    {
      name: 'average',
      path: ['spec', 'triggers', 0, 'metadata', 'threshold'],
      schema: schemas.amount,
      about: 'Of what the query answers, for each pod.',
      write: asText,
    },
  ],
};

/** The Deployment that it scales says whose values they are. */
export function scalingKnobs(object: KubeObject, tiers: ReadonlyMap<string, Tier>): Knob[] {
  const tier = tiers.get(String(valueAt(object, ['spec', 'scaleTargetRef', 'name'])));
  if (tier === undefined) return [];
  return (places[object.kind] ?? []).flatMap(({ name, path, schema, about, write }) => {
    const initial = valueAt(object, path);
    const value = [...tier, 'scaling', name];
    return initial === undefined
      ? []
      : [{ value, initial, schema, about, path, insertion: write(reference(value)) }];
  });
}
