/** Each field that the schema accepts: another value of it changes what a cluster is told, or is refused there by its path. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseDuration } from '#base';
import { leftNotes, objectsOf } from '#manifests';
import { type ModelService, parse, readCores, urisOf } from '#spec';
import { releaseOf } from '../../src/manifests/fixtures/release.ts';
import { decidingFields, valueAt, variantsOf } from '../../src/spec/fixtures/schema-fields.ts';
import { serviceFile } from '../../src/spec/spec.arbitrary.ts';
import { roomInPods } from './room-in-pods.ts';

const files = fc.sample(serviceFile, { numRuns: 1200, seed: 1 });

interface Outcome {
  /** What the file says, for messages. */
  readonly said: string;
  /** The service, with its defaults; and of that the field. */
  readonly meant: string;
  readonly value: unknown;
  /** As text, so that they are compared as they are written. */
  readonly objects: string | undefined;
  /** Paths of what is refused, or told to have had its effect when the image was made. */
  readonly told: readonly string[];
}

/** Of models in the image, what the store is asked for, and held to, decides their bytes. */
function asked({ spec }: ModelService): object {
  const uris = [spec, spec.candidate ?? {}].flatMap(served => urisOf(served, '', spec.runtime));
  return uris
    .filter(({ uri }) => !/^(?!file:)[a-z0-9]+:/i.test(uri))
    .map(({ digest, include, exclude, versions }) => ({ digest, include, exclude, versions }));
}

function outcomeOf(file: ReturnType<typeof roomInPods>, field: string): Outcome {
  const said = JSON.stringify(file.spec);
  const parsed = parse(JSON.stringify(file));
  if (!parsed.ok)
    return {
      said,
      meant: said,
      value: undefined,
      objects: undefined,
      told: parsed.error.map(({ path }) => path),
    };
  const meant = JSON.stringify(parsed.value);
  const value = valueAt(parsed.value, field);
  const release = releaseOf(file.spec, { name: parsed.value.metadata.name });
  const objects = objectsOf(release);
  return objects.ok
    ? {
        said,
        meant,
        value,
        objects: JSON.stringify([asked(parsed.value), objects.value]),
        told: leftNotes(release).map(note => note.split(' ')[0] ?? ''),
      }
    : { said, meant, value, objects: undefined, told: objects.error.map(({ path }) => path) };
}

/** `spec.models[0].uri`, as paths of the schema are written here. */
const dotted = (path: string): string => path.replaceAll(/\[(\d+)\]/g, '.$1');

/** What does not fit is told of the one field of the two. */
const TOLD_AS: Readonly<Record<string, string>> = {
  'spec.resources.gpu.cardMemory': 'spec.resources.gpu.memory',
};

/** Whether something is told of the field: of itself, or of a part that has it, or of what it holds. */
function isTold(field: string, { told }: Outcome): boolean {
  return told
    .map(dotted)
    .some(
      path =>
        `${field}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${field}.`) || path === TOLD_AS[field],
    );
}

/** Times are rounded to what Kubernetes counts in, so those that are about the same may come to the same. */
function areAlike(field: string, one: unknown, other: unknown): boolean {
  const read = field.startsWith('spec.resources.') ? readCores : parseDuration;
  const [a, b] = [one, other].map(value => (typeof value === 'string' ? amount(read(value)) : undefined));
  return a !== undefined && b !== undefined && Math.max(a, b) < 2 * Math.min(a, b);
}

function amount(read: { readonly ok: boolean; readonly value?: number }): number | undefined {
  return read.ok ? read.value : undefined;
}

/** What objects do not say: it is held against the rest of the file. */
const CHECKED = ['spec.resources.gpu.memory', 'spec.resources.gpu.cardMemory'];

/** What another value of a field came to; undefined where the two cannot be compared. */
function compared(field: string, one: Outcome, other: Outcome): 'heeded' | 'ignored' | undefined {
  if (one.meant === other.meant || areAlike(field, one.value, other.value)) return undefined;
  if (isTold(field, one) || isTold(field, other)) return 'heeded';
  if (one.objects === undefined || other.objects === undefined || CHECKED.includes(field)) return undefined;
  return one.objects === other.objects ? 'ignored' : 'heeded';
}

/** What only shows where models come from elsewhere. */
const OF_AWAY = ['spec.kubernetes.models'];

for (const where of ['./m', 's3://bucket/m']) {
  for (const field of decidingFields) {
    if (where === './m' && OF_AWAY.includes(field)) continue;
    test(`${field} is not ignored on Kubernetes, with models from ${where}`, () => {
      const variants = variantsOf(field, files, 8).map(variant => roomInPods(field, variant, where));
      const outcomes = variants.map(file => outcomeOf(file, field));
      const verdicts = outcomes.flatMap((one, at) =>
        outcomes.slice(0, at).map(other => ({ is: compared(field, one, other), one, other })),
      );
      for (const { is, one, other } of verdicts) assert.notEqual(is, 'ignored', `${one.said}\n${other.said}`);
      const refused = new Set(outcomes.flatMap(({ told }) => told));
      assert.ok(
        verdicts.some(({ is }) => is === 'heeded'),
        `no two values were compared; refused were ${[...refused].join(', ') || 'none'}`,
      );
    });
  }
}
