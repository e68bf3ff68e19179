import type { ModelService } from './schema.ts';

/**
 * The canonical text of a service: JSON with sorted keys and every default written out. Equal services have equal
 * text, and parsing it gives the same service again.
 */
export function canonical(service: ModelService): string {
  return stableJson(service);
}

/** JSON with sorted keys and without undefined members, so that equal values have equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
