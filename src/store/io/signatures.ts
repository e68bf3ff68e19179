import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure } from '#base';
import { isSignature } from '../parts.ts';
import type { RemoteFile, Source } from '../source.ts';
import type { Signature } from '../store.ts';
import type { Asked } from './asked.ts';

/** A signature is a few kilobytes; a bundle with certificates and the list of files of a large model some more. Bytes. */
const MOST_BYTES = 8 * 2 ** 20;
const MOST_FILES = 16;

/** The signatures beside a model, whole: they are small. More, or longer ones, than anybody has are refused. */
export async function readSignatures(
  source: Source,
  files: readonly RemoteFile[],
  { uri, signal }: Pick<Asked, 'uri' | 'signal'>,
): Promise<readonly Signature[]> {
  if (files.length > MOST_FILES)
    throw failure('source_invalid', {
      uri,
      problem: `there are more than ${MOST_FILES} signatures beside it`,
    });
  const signatures: Signature[] = [];
  for (const file of files)
    signatures.push({ path: file.path, bytes: await readWhole(source, file, { uri, signal }) });
  return signatures;
}

/** Those of the artifact, by their paths beside its files. */
export function beside(signatures: readonly Signature[], within: string | undefined): readonly Signature[] {
  if (within === undefined) return signatures;
  const own = signatures.filter(({ path }) => path.startsWith(`${within}/`));
  return own.map(({ path, bytes }) => ({ path: path.slice(within.length + 1), bytes }));
}

/** The same of files that lie in a folder of this machine, by their paths in it. Longer ones than anybody has are passed over. */
export async function signaturesAmong(
  folder: string,
  paths: readonly string[],
): Promise<readonly Signature[]> {
  const found = await Promise.all(
    paths
      .filter(isSignature)
      .slice(0, MOST_FILES)
      .map(async path => {
        const { size } = await stat(join(folder, path));
        return size > MOST_BYTES ? [] : [{ path, bytes: await readFile(join(folder, path)) }];
      }),
  );
  return found.flat();
}

async function readWhole(
  source: Source,
  file: RemoteFile,
  { uri, signal }: Pick<Asked, 'uri' | 'signal'>,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await source.read(file, undefined, signal)) {
    length += chunk.length;
    if (length > MOST_BYTES)
      throw failure('source_invalid', { uri, problem: `${file.path} is longer than a signature can be` });
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}
