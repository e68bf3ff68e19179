/** An expected "no" is a value: pure code returns it, nobody throws it. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

export function err<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/** Ends a `switch` over a union: the compiler refuses a forgotten case, and at run time so does this. */
export function unreachable(value: never): never {
  throw new Error(`a case that the types exclude: ${JSON.stringify(value)}`);
}
