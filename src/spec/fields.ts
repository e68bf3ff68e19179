/** The kinds of fields that a file is made of, each with the words that refuse what it is not. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import type { Result } from '#base';
import {
  LABEL,
  largest,
  NOT_A_DURATION,
  NOT_A_LABEL,
  NOT_A_SIZE,
  readDuration,
  readSize,
  readUrl,
} from './bounds.ts';

/** A length of time as text; at least so many milliseconds. */
export const durationText = (least: number) =>
  z
    .string(NOT_A_DURATION)
    .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, { error: NOT_A_DURATION, abort: true })
    .superRefine(must(written => readDuration(written, least)));

export const duration = (text: string, least: number) => durationText(least).default(text);

/** A size as text, or a number of bytes. */
export const sizeText = (most: number = largest.body) =>
  z
    .union([z.string().regex(/^\d+(k|M|G|Ki|Mi|Gi)?$/, NOT_A_SIZE), z.int().min(0, NOT_A_SIZE)], NOT_A_SIZE)
    .transform(String)
    .superRefine(must(written => readSize(written, most)));

export const size = (text: string, most?: number) => sizeText(most).prefault(text);

/** A part of a whole. */
export const fraction = () => z.number().min(0).max(1);

export const url = () => z.string().superRefine(must(readUrl));

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

export const countOf = ({ least, most }: Bounds) => z.int().min(least).max(most);

export const count = (bounds: Bounds, ordinary: number) => countOf(bounds).default(ordinary);

/** A whole number, or `auto`. */
export const countOrAuto = ({ least, most }: Bounds) =>
  z.union(
    [z.literal('auto'), z.int().min(least).max(most)],
    `must be auto or a whole number from ${least} to ${most}`,
  );

/** A version of a model: text, or an integer that is read as its text. */
export const versionText = () =>
  z.union([z.string().regex(LABEL, NOT_A_LABEL), z.int().min(0, NOT_A_LABEL)], NOT_A_LABEL).transform(String);

/** A part of a name of the domain name system: RFC 1123. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What Kubernetes calls an object of some kind. */
export const objectName = (what: string) =>
  z
    .string()
    .max(253)
    .refine(text => text.split('.').every(label => DNS_LABEL.test(label)), `must be the name of ${what}`);

/** A union as Kubernetes writes them: a map with one key of several. */
export function oneKeyOf<S extends z.core.$ZodShape>(shape: S) {
  const keys = Object.keys(shape);
  return z.strictObject(shape).refine(value => keys.filter(key => Object.hasOwn(value, key)).length === 1, {
    error: `must have exactly one of ${keys.join(', ')}`,
  });
}

/** A check by one of the readers that flags use too. */
export function must(read: (written: string) => Result<unknown, string>) {
  return (written: string, context: z.RefinementCtx): void => {
    const result = read(written);
    if (!result.ok) context.addIssue({ code: 'custom', message: result.error });
  };
}
