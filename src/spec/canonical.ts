import { stableJson } from '#base';
import { fileRefusals } from './file-rules.ts';
import type { Path } from './places.ts';
import type { ModelService } from './schema.ts';

/**
 * The canonical text of a service: JSON with sorted keys and every default written out that has an effect. Equal services
 * have equal text, and parsing it gives the same service again.
 */
export function canonical(service: ModelService): string {
  const idle = fileRefusals(service).map(({ path }) => path);
  return stableJson(idle.reduce<unknown>(without, service));
}

/** A copy of data without what lies at a path of keys. */
function without(value: unknown, [key, ...rest]: Path): unknown {
  if (!isRecord(value)) return value;
  const { [String(key)]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [String(key)]: without(inner, rest) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
