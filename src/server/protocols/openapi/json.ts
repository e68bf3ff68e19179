/** What a description is made of. Integers of 64 bits are bigints, so that bounds are exact. */
export type Json = string | number | bigint | boolean | readonly Json[] | JsonObject;

/** A member that is undefined is left out. */
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

export function jsonText(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${jsonText(member)}`],
  );
  return `{${members.join(',')}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
