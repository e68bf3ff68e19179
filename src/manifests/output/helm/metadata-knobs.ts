/** Labels and annotations that may be added. Those that are there stay: selectors hold some of them for ever. */
import type { KubeObject } from '../../object.ts';
import { isDeployment, POD } from '../pod-templates.ts';
import { isMembers, type Path, valueAt } from '../walk.ts';
import { members, optional } from './insertions.ts';
import { type Knob, reference } from './knob.ts';
import { moreTexts } from './schemas.ts';

const OBJECT: Path = ['metadata'];
const PODS: Path = [...POD.slice(0, -1), 'metadata'];

/** Sorts behind every key that there can be. */
const LAST = '\uffff';

interface Place {
  readonly value: string;
  readonly about: string;
  /** Of the maps that it adds to. */
  readonly paths: (object: KubeObject) => readonly Path[];
}

const places: readonly Place[] = [
  {
    value: 'labels',
    about: 'More labels of every object and pod.',
    paths: object => [[...OBJECT, 'labels'], ...(isDeployment(object) ? [[...PODS, 'labels']] : [])],
  },
  {
    value: 'annotations',
    about: 'More annotations of every object.',
    paths: () => [[...OBJECT, 'annotations']],
  },
  {
    value: 'podAnnotations',
    about: 'More annotations of every pod.',
    paths: object => (isDeployment(object) ? [[...PODS, 'annotations']] : []),
  },
];

/** Of all objects at once, since what one of them has no other may be given. */
export function metadataKnobs(objects: readonly KubeObject[]): ReadonlyMap<KubeObject, readonly Knob[]> {
  const schemas = new Map(places.map(({ value, paths }) => [value, moreTexts(takenIn(objects, paths))]));
  return new Map(
    objects.map(object => [
      object,
      places.flatMap(({ value, about, paths }) =>
        paths(object).map(path =>
          knobAt(object, path, { value: [value], about, schema: schemas.get(value) ?? {} }),
        ),
      ),
    ]),
  );
}

function takenIn(objects: readonly KubeObject[], paths: Place['paths']): string[] {
  const keys = objects.flatMap(object => paths(object).flatMap(path => keysAt(object, path)));
  return [...new Set(keys)].toSorted();
}

function keysAt(object: KubeObject, path: Path): string[] {
  const map = valueAt(object, path);
  return isMembers(map) ? Object.keys(map) : [];
}

function knobAt(object: KubeObject, path: Path, setting: Pick<Knob, 'value' | 'about' | 'schema'>): Knob {
  const isThere = keysAt(object, path).length > 0;
  const where = reference(setting.value);
  return {
    ...setting,
    initial: {},
    path: isThere ? [...path, LAST] : path,
    insertion: isThere ? members(where) : optional(String(path.at(-1)), where),
  };
}
