import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AppError, failure, messageOf } from '#base';
import type { Artifact } from '#spec';
import { identityFromPath, isVersion, parseReference } from '../reference.ts';

/** A model on this machine: its artifact, and the name its path suggests. */
export interface Resolved extends Artifact {
  readonly name: string;
}

/**
 * Finds the model file behind a URI: an .onnx file, a folder with exactly one, or a folder of numbered version folders,
 * of which the highest is taken. Relative paths start at `base`. The digest is of the file's bytes.
 */
export async function resolveModel(uri: string, base: string, signal?: AbortSignal): Promise<Resolved> {
  const reference = parseReference(uri);
  if (!reference.ok) throw failure('uri_unsupported', reference.error);
  const file = await modelFile(resolve(base, reference.value.path));
  const digest = await digestOf(file, signal);
  return { path: file, digest, ...identityFromPath(file) };
}

async function modelFile(path: string): Promise<string> {
  const found = await stat(path).catch(error => Promise.reject(unreadable(path, error)));
  return found.isDirectory() ? inFolder(path) : path;
}

async function inFolder(folder: string): Promise<string> {
  const names = await readdir(folder).catch(error => Promise.reject(unreadable(folder, error)));
  const models = names.filter(name => name.endsWith('.onnx'));
  const [model] = models;
  if (model !== undefined && models.length === 1) return join(folder, model);
  if (models.length > 1)
    throw failure('model_ambiguous', { path: folder, found: `it holds ${models.toSorted().join(', ')}` });
  const versions = names.filter(isVersion).toSorted((a, b) => Number(BigInt(b) - BigInt(a)));
  const [latest] = versions;
  if (latest === undefined)
    throw failure('model_ambiguous', { path: folder, found: 'it holds no .onnx file' });
  return modelFile(join(folder, latest));
}

async function digestOf(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash, { signal });
  } catch (error: unknown) {
    throw unreadable(file, error);
  }
  return `sha256:${hash.digest('hex')}`;
}

function unreadable(path: string, error: unknown): AppError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return failure('file_missing', { path, purpose: 'the model' }, error);
  return failure('file_unreadable', { path, problem: messageOf(error) }, error);
}
