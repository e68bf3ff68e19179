/** Files that are to be written, and how those with one object each are called. */
import { type KubeObject, keyOf } from '../object.ts';

export interface TextFile {
  /** Below the folder that is asked for, with `/` between. */
  readonly path: string;
  readonly text: string;
}

/** What an object's file is called, the same each time; where two would have one name, by their group or namespace too. */
export function fileNames(objects: readonly KubeObject[]): ReadonlyMap<KubeObject, string> {
  const short = ({ kind, metadata }: KubeObject): string => fileName(`${kind}-${metadata.name}`);
  const taken = Map.groupBy(objects, short);
  return new Map(
    objects.map(object => {
      const isAlone = taken.get(short(object))?.length === 1;
      return [object, isAlone ? short(object) : fileName(`${object.kind}-${keyOf(object)}`)];
    }),
  );
}

/** Names may hold what no file name should, such as the colons of roles. */
function fileName(text: string): string {
  return `${text.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-')}.yaml`;
}
