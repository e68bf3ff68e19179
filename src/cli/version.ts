import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders above in a clone, one above in the package, and beside it in an image. */
export const version: string =
  ['./package.json', '../package.json', '../../package.json'].map(read).find(found => found !== undefined) ??
  '0';

function read(path: string): string | undefined {
  try {
    const found = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
      name?: string;
      version?: string;
    };
    return found.name === 'fairlead' ? found.version : undefined;
  } catch {
    // It lies at another place.
    return undefined;
  }
}
