/** Ways through the data of an object. */

/** Keys and indexes, from the object down. */
export type Path = readonly (string | number)[];

export type Members = Readonly<Record<string, unknown>>;

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at a path; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (Array.isArray(inner)) return inner[Number(step)];
    return isMembers(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined;
  }, value);
}

/** A copy with another value at a path, which is made where it is not there: a step of a text makes a map. */
export function withValue(value: unknown, [step, ...rest]: Path, put: unknown): unknown {
  if (step === undefined) return put;
  if (Array.isArray(value)) {
    const copy: unknown[] = [...value];
    copy[Number(step)] = withValue(copy[Number(step)], rest, put);
    return copy;
  }
  const members = isMembers(value) ? value : {};
  return { ...members, [step]: withValue(members[step], rest, put) };
}

/** Everything in it that is neither a map nor a list, with where it lies. */
export function* leaves(value: unknown, path: Path = []): Generator<readonly [Path, unknown]> {
  if (Array.isArray(value)) {
    for (const [at, inner] of value.entries()) yield* leaves(inner, [...path, at]);
  } else if (isMembers(value)) {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key]);
  } else yield [path, value];
}
