import { err, ok, type Result } from '#base';
import { formatOf } from '#spec';

/** A model URI, read: what scheme, and where. */
export interface Reference {
  readonly scheme: 'file';
  readonly path: string;
}

/** Reads a model URI. Plain paths and `file://` are files; every other scheme is refused with its name. */
export function parseReference(uri: string): Result<Reference, { uri: string; scheme: string }> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return ok({ scheme: 'file', path: uri });
  if (scheme !== 'file') return err({ uri, scheme });
  const path = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/).*)$/i.exec(uri)?.[1];
  const decoded = path === undefined ? undefined : decode(path);
  return decoded === undefined
    ? err({ uri, scheme: 'file with a host or a broken path' })
    : ok({ scheme: 'file', path: decoded });
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray % is the one thing it refuses; the caller words it.
    return undefined;
  }
}

/** The model's name and version as its path tells them: `digits/3/model.onnx` is version 3 of digits. */
export function identityFromPath(path: string): { readonly name: string; readonly version?: string } {
  const parts = path.split('/').filter(part => part !== '' && part !== '.');
  const file = isModelFile(parts.at(-1)) ? parts.pop() : undefined;
  const version = isVersion(parts.at(-1)) ? parts.pop() : undefined;
  const stem = file?.slice(0, file.lastIndexOf('.'));
  const spoken = version === undefined && stem !== undefined && stem !== 'model' ? stem : parts.at(-1);
  const name = nameFrom(spoken ?? stem ?? '');
  return { name, ...(version !== undefined && { version }) };
}

/** Also one that has no name but its ending. */
function isModelFile(name = ''): boolean {
  return formatOf(`_${name}`) !== undefined;
}

/** A name that a service file accepts, from any text. */
function nameFrom(text: string): string {
  const letters = text.replaceAll(/[^-._A-Za-z0-9]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const name = letters.slice(0, 63).replace(/[^A-Za-z0-9]+$/, '');
  return name === '' ? 'model' : name;
}

/** Whether a folder's name is a version, as TensorFlow Serving and Triton number them. */
export function isVersion(name: string | undefined): name is string {
  return name !== undefined && /^(0|[1-9]\d{0,18})$/.test(name);
}
