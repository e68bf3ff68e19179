/** What may be set of a route: whose hosts it answers for, and at which gateways. */
import type { KubeObject } from '../../object.ts';
import { type Path, valueAt } from '../walk.ts';
import { collection } from './insertions.ts';
import { type Knob, reference } from './knob.ts';
import * as schemas from './schemas.ts';

interface Place {
  readonly name: string;
  readonly path: Path;
  readonly schema: object;
  readonly about: string;
  /** What it means to be without it; undefined where it cannot be set then. */
  readonly none?: unknown;
}

const gatewayApi: readonly Place[] = [
  {
    name: 'hosts',
    path: ['spec', 'hostnames'],
    schema: schemas.texts,
    about: 'Names that clients ask for. None: all of the gateways.',
    none: [],
  },
  {
    name: 'parentRefs',
    path: ['spec', 'parentRefs'],
    schema: schemas.parents,
    about: 'Gateways that it is attached to.',
  },
];

const places: Readonly<Record<string, readonly Place[]>> = {
  HTTPRoute: gatewayApi,
  GRPCRoute: gatewayApi,
  VirtualService: [
    {
      name: 'hosts',
      path: ['spec', 'hosts'],
      schema: { ...schemas.texts, minItems: 1 },
      about: 'Names that clients ask for.',
    },
    {
      name: 'gateways',
      path: ['spec', 'gateways'],
      schema: { ...schemas.texts, minItems: 1 },
      about: "Istio's gateways; mesh is for sidecars.",
    },
  ],
};

export function routeKnobs(object: KubeObject): Knob[] {
  return (places[object.kind] ?? []).flatMap(({ name, path, schema, about, none }) => {
    const there = valueAt(object, path);
    const initial = there ?? none;
    if (initial === undefined) return [];
    const value = ['route', name];
    const insertion = collection(String(path.at(-1)), reference(value), there !== undefined);
    return [{ value, initial, schema, about, path, insertion }];
  });
}
