/** What may be set of a Deployment and its pods. */
import type { KubeObject } from '../../object.ts';
import { type Container, containersOf, imageParts, POD } from '../pod-templates.ts';
import { isMembers, type Path, valueAt } from '../walk.ts';
import { collection, names, optionalVariables, scalar, variables, whole } from './insertions.ts';
import { type Knob, reference, type Setting } from './knob.ts';
import * as schemas from './schemas.ts';
import type { Tier } from './tiers.ts';

/** What starts the server of a revision, or the gateway; all others prepare. */
const MAIN = ['server', 'gateway'];

export function podKnobs(object: KubeObject, tier: Tier, chart: string): Knob[] {
  const containers = containersOf(object);
  const main = containers.find(({ container }) => MAIN.includes(String(container['name'])));
  return [
    ...replicas(object, tier),
    ...placement(object, tier),
    ...containers.flatMap(one => image(one, { main, tier, chart })),
    ...(main === undefined ? [] : [resources(main, tier), env(main, tier)]),
    ...pullSecrets(object),
  ];
}

function replicas(object: KubeObject, tier: Tier): Knob[] {
  const path: Path = ['spec', 'replicas'];
  const initial = valueAt(object, path);
  if (typeof initial !== 'number') return [];
  const value = [...tier, 'replicas'];
  const about = 'Pods.';
  return [
    { value, initial, schema: schemas.count, about, path, insertion: whole(`int ${reference(value)}`) },
  ];
}

function placement(object: KubeObject, tier: Tier): Knob[] {
  const kinds = [
    {
      key: 'nodeSelector',
      none: {},
      schema: schemas.textMap,
      about: 'Labels of the nodes that its pods may run on.',
    },
    { key: 'tolerations', none: [], schema: schemas.maps, about: 'Taints of nodes that its pods tolerate.' },
  ];
  return kinds.map(({ key, none, schema, about }) => {
    const [value, path] = [
      [...tier, key],
      [...POD, key],
    ];
    const there = valueAt(object, path);
    const insertion = collection(key, reference(value), there !== undefined);
    return { value, initial: there ?? none, schema, about, path, insertion };
  });
}

/** Containers that run another image than the server's run fairlead's own, as the gateway does. */
function image(
  { path, container }: Container,
  { main, tier, chart }: { main: Container | undefined; tier: Tier; chart: string },
): Knob[] {
  const { image: written } = container;
  if (typeof written !== 'string') return [];
  const isOwn = tier[0] === 'gateway' || written !== main?.container['image'];
  const value = [isOwn ? 'fairlead' : tier[0], 'image'];
  const setting: Setting = {
    value,
    initial: imageParts(written),
    schema: schemas.image,
    about: 'Its image. A digest wins: to name it by its tag, set the digest to "".',
  };
  const insertion = scalar(`include "${chart}.image" ${reference(value)}`);
  return [{ ...setting, path: [...path, 'image'], insertion }];
}

function resources({ path, container }: Container, tier: Tier): Knob {
  const value = [tier[0], 'resources'];
  return {
    value,
    initial: container['resources'] ?? {},
    schema: schemas.resources,
    about: 'What each of its pods has of its node.',
    path: [...path, 'resources'],
    insertion: collection('resources', reference(value), container['resources'] !== undefined),
  };
}

function env({ path, container }: Container, tier: Tier): Knob {
  const list: readonly unknown[] = Array.isArray(container['env']) ? container['env'] : [];
  const taken = list.flatMap(one => (isMembers(one) ? [String(one['name'])] : []));
  const value = [tier[0], 'env'];
  const isThere = list.length > 0;
  return {
    value,
    initial: {},
    schema: schemas.moreTexts(taken),
    about: 'More variables. Nothing secret.',
    path: [...path, 'env', ...(isThere ? [list.length] : [])],
    insertion: isThere ? variables(reference(value)) : optionalVariables('env', reference(value)),
  };
}

/** Of all pods: a registry's credentials are a cluster's, not a revision's. */
function pullSecrets(object: KubeObject): Knob[] {
  const path = [...POD, 'imagePullSecrets'];
  const list = valueAt(object, path);
  // An empty list could not be told from none.
  if (list !== undefined && !(Array.isArray(list) && list.length > 0)) return [];
  const value = ['pullSecrets'];
  return [
    {
      value,
      initial: (list ?? []).map((one: unknown) => (isMembers(one) ? one['name'] : one)),
      schema: schemas.texts,
      about: 'Names of Secrets for pulling images.',
      path,
      insertion: names('imagePullSecrets', reference(value)),
    },
  ];
}
