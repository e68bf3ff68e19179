/**
 * Whether a path is part of a model: what its digest covers and what is fetched of it. Hidden files and folders, what Python leaves
 * behind, and signatures are not.
 */
export function isPart(path: string): boolean {
  const names = path.split('/');
  return !isSignature(path) && names.every(name => !name.startsWith('.') && name !== '__pycache__');
}

/** A signature over the model it lies beside: `model.sig` as OpenSSF model signing writes it, or a Sigstore bundle. */
export function isSignature(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === 'model.sig' || name.endsWith('.sigstore.json') || name.endsWith('.sigstore');
}
