import { err, ok, type Result } from '#base';

/** Public keys of an issuer of tokens (RFC 7517, 5). */
export interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** The public keys in a text; the error is worded to stand alone. Keys that both sides know sign nothing here. */
export function readKeySet(text: string): Result<KeySet, string> {
  const keys = membersOf(text);
  if (keys === undefined) return err('this is no JSON Web Key Set: {"keys": [ … ]}');
  if (!keys.every(isObject)) return err('a key of the set is not an object');
  if (keys.some(key => key['kty'] !== 'oct' && 'd' in key))
    return err('a key of the set is a private one; only its public part belongs here');
  return ok({ keys: keys.filter(({ kty }) => kty !== 'oct') });
}

function membersOf(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && Array.isArray(value['keys']) ? value['keys'] : undefined;
  } catch {
    // What is no JSON holds no keys.
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
