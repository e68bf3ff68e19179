import type { Package } from '../recipe.ts';

/** A package, and what it says is its own. */
export interface Installed {
  readonly package: Package;
  /** Paths from the root of the image, through links or not. */
  readonly paths: readonly string[];
  /** A folder that is its own with all in it, but what another one's folder has within. */
  readonly folder?: string;
}

/** `kind:name`, by which a file says whose it is. */
export function ownerOf({ kind, name }: Package): string {
  return `${kind}:${name}`;
}

/** `key: value` lines as mail has them, with lines that go on behind a space or tab; the last value of a key counts. */
export function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let key: string | undefined;
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      key = name.toLowerCase();
      fields.set(key, value.trim());
    } else if (key !== undefined && /^[ \t]/.test(line)) {
      fields.set(key, `${fields.get(key)}\n${line.trim()}`);
    }
  }
  return fields;
}
