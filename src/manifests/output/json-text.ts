import type { KubeObject } from '../object.ts';

/** Objects as one `List` of JSON, which kubectl reads as it reads documents of YAML. */
export function renderJson(objects: readonly KubeObject[]): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`;
}
