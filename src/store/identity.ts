import { formatOf } from '#spec';

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
