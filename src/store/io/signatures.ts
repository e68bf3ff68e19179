import { failure } from '#base';
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
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
