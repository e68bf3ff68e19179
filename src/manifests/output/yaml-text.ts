import type { KubeObject } from '../object.ts';
import { yamlOf } from './yaml/write.ts';

/**
 * Objects as documents of YAML. Members that are undefined are left out; half of a pair of UTF-16 becomes U+FFFD. The same objects
 * give the same text, in whatever order their members were put.
 */
export function yamlText(objects: readonly KubeObject[]): string {
  return objects.map(object => yamlOf(object)).join('---\n');
}
