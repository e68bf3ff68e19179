import type { Referrer } from '#store';
import type { Content, Described } from '../content.ts';
import type { Pushing } from './push-blobs.ts';

interface Counts {
  uploaded: number;
  skipped: number;
}

/** Bytes by what was done for them. One after the other, each after what it names, and the tag last. */
export async function pushDocuments({ documents, top }: Content, pushing: Pushing): Promise<Counts> {
  const counts: Counts = { uploaded: 0, skipped: 0 };
  for (const document of documents) counts[await pushDocument(document, pushing)] += document.bytes.length;
  counts[await pushAs(pushing.target.tag ?? top.digest, top, pushing)] += top.bytes.length;
  return counts;
}

function pushDocument(document: Described, pushing: Pushing): Promise<keyof Counts> {
  return document.subject === undefined
    ? pushAs(document.digest, document, pushing)
    : pushAttached(document, document.subject, pushing);
}

async function pushAs(name: string, document: Described, pushing: Pushing): Promise<keyof Counts> {
  const { registry, random, signal } = pushing;
  if ((await registry.digestOf(name, { random, signal })) === document.digest) return 'skipped';
  await registry.put(name, document, { random, signal });
  return 'uploaded';
}

/** That it is there is not enough: it is found by what refers to its subject. */
async function pushAttached(document: Described, subject: string, pushing: Pushing): Promise<keyof Counts> {
  const { registry, random, signal } = pushing;
  if (await registry.hasReferrer(subject, document.digest, { random, signal })) return 'skipped';
  const { seesSubject } = await registry.put(document.digest, document, { random, signal });
  if (!seesSubject) await registry.noteReferrer(subject, referrerOf(document), { random, signal });
  return 'uploaded';
}

function referrerOf({ mediaType, digest, bytes, artifactType, annotations }: Described): Referrer {
  return {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations }),
  };
}
