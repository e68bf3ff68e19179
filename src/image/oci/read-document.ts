import { z } from 'zod';
import { err, ok, type Result } from '#base';
import { type Document, parseDocument } from '#store';
import type { Described } from '../content.ts';
import { digestOf } from './documents.ts';

/** A manifest or index, and what it names. */
export interface ReadDocument {
  readonly described: Described;
  readonly document: Document;
}

const about = z.object({
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: z.object({ digest: z.string() }).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/** Reads one that came as `mediaType`, and is trusted to be what its digest says. */
export function readDocument(bytes: Uint8Array, mediaType: string): Result<ReadDocument, string> {
  const document = parseDocument(bytes, mediaType);
  if (!document.ok) return document;
  const read = about.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  if (!read.success) return err('the manifest says of itself what cannot be read');
  const { subject, artifactType, annotations } = read.data;
  const described = {
    mediaType: read.data.mediaType ?? mediaType,
    digest: digestOf(bytes),
    bytes,
    ...(subject && { subject: subject.digest }),
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  };
  return ok({ described, document: document.value });
}
