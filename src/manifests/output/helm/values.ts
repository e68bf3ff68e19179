/** `values.yaml` and its schema, of all knobs. */
import { isMembers, type Members, withValue } from '../walk.ts';
import { byAlphabet } from '../yaml/member-order.ts';
import { yamlOf } from '../yaml/write.ts';
import type { Knob } from './knob.ts';
import { exactly } from './schemas.ts';

/** A value, or a group of them. */
type Tree = { readonly knob: Knob } | { readonly groups: Map<string, Tree> };

/** What a group is, for the one who reads the file. */
const GROUPS: Readonly<Record<string, string>> = {
  stable: 'The revision that serves by default.',
  candidate: 'The revision on trial.',
  gateway: "Fairlead's own gateway, which splits requests.",
  fairlead: "What fairlead's own containers run: gateway, and what pulls models.",
  route: 'Where requests come from.',
  spot: 'Its pods on machines that are taken away at short notice.',
  scaling: 'How many pods there are, by what is measured.',
};

function treeOf(knobs: readonly Knob[]): Map<string, Tree> {
  const top = new Map<string, Tree>();
  for (const knob of knobs) {
    let groups = top;
    for (const step of knob.value.slice(0, -1)) {
      const found = groups.get(step);
      const next = found !== undefined && 'groups' in found ? found.groups : new Map<string, Tree>();
      groups.set(step, { groups: next });
      groups = next;
    }
    const last = knob.value.at(-1) ?? '';
    if (!groups.has(last)) groups.set(last, { knob });
  }
  return top;
}

/** With a comment above each value. */
export function valuesText(knobs: readonly Knob[]): string {
  return textOf(treeOf(knobs), 0);
}

function textOf(groups: Map<string, Tree>, indent: number): string {
  const pad = ' '.repeat(indent);
  return inOrder(groups)
    .map(([name, tree]) => {
      if ('groups' in tree) {
        const about = GROUPS[name];
        const comment = about === undefined ? '' : `${pad}# ${about}\n`;
        return `${comment}${pad}${name}:\n${textOf(tree.groups, indent + 2)}`;
      }
      const written = yamlOf({ [name]: tree.knob.initial });
      return `${pad}# ${tree.knob.about}\n${written.replaceAll(/^(?=.)/gm, pad)}`;
    })
    .join('');
}

const FIRST = ['stable', 'candidate', 'weight', 'image', 'replicas', 'min', 'max'];

function inOrder(groups: Map<string, Tree>): [string, Tree][] {
  const rank = (name: string): number => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return [...groups].toSorted(([a], [b]) => rank(a) - rank(b) || byAlphabet(a, b));
}

/** Nothing that the templates do not read is let in, and nothing that they read may be taken away. */
export function valuesSchema(knobs: readonly Knob[]): object {
  const root = schemaOf({ groups: treeOf(knobs) });
  const { properties }: Members = root;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...root,
    // Of a chart that has this one as a part of it.
    properties: { ...(isMembers(properties) ? properties : {}), global: { type: 'object' } },
  };
}

function schemaOf(tree: Tree): Members {
  if ('knob' in tree) return { description: tree.knob.about, ...tree.knob.schema };
  const properties = inOrder(tree.groups).map(([name, inner]) => [name, schemaOf(inner)] as const);
  return { ...exactly(Object.fromEntries(properties)) };
}

/** An object with each of its knobs in place. */
export function templated(object: object, knobs: readonly Knob[]): object {
  return knobs.reduce<object>((inner, { path, insertion }) => {
    const next = withValue(inner, path, insertion);
    return isMembers(next) ? next : inner;
  }, object);
}
