/** One repository of a registry, as those see it who read it, and who write it. `io/registry/writer.ts` makes one. */
import type { Trying } from '../io/trying.ts';
import type { ByteRange } from '../source.ts';
import type { Descriptor, Document } from './manifest.ts';

export interface NamedDocument {
  readonly document: Document;
  /** Of its bytes, as they came. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export interface RegistryReader {
  /**
   * The manifest or index of a tag or digest. Throws `source_missing`, `source_refused`, `source_unavailable`, `source_invalid`,
   * `digest_mismatch`, or the signal's reason.
   */
  manifest(name: string, signal: AbortSignal, near?: string): Promise<NamedDocument>;
  /** Bytes of a blob, which are not checked here. Throws as `manifest` does. */
  blob(digest: string, range: ByteRange | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /** What refers to a digest. */
  referrers(digest: string, signal: AbortSignal): Promise<readonly Descriptor[]>;
  /** Drops all connections. */
  close(): void;
}

/**
 * One that can be written to. What is busy or broken off is asked again, a few times and after pauses, and an upload goes on from
 * where it was. All throw `source_missing`, `source_refused`, `source_unavailable`, `source_invalid`, or the signal's reason.
 */
export interface Registry extends RegistryReader {
  hasBlob(digest: string, trying: Trying): Promise<boolean>;
  /**
   * Brings a blob there, out of another repository of the registry where it has it and lets that be. Bytes that are not those of the
   * digest are never kept: throws `digest_mismatch`; and what reading them throws.
   */
  upload(blob: BlobToUpload, trying: Trying): Promise<'mounted' | 'uploaded'>;
  /** The digest of the manifest or index under a tag or digest; undefined where there is none, or the registry does not say. */
  digestOf(name: string, trying: Trying): Promise<string | undefined>;
  /** Keeps a manifest or index under a tag or digest; what it names must be there. */
  put(name: string, document: DocumentToPut, trying: Trying): Promise<Kept>;
  /** Whether the registry tells that a manifest refers to a digest, by itself or under a tag. */
  hasReferrer(subject: string, digest: string, trying: Trying): Promise<boolean>;
  /**
   * Notes under a tag that a manifest refers to a digest, as registries want it that do not see so themselves: distribution
   * specification 1.1, "Referrers Tag Schema".
   */
  noteReferrer(subject: string, referrer: Referrer, trying: Trying): Promise<void>;
}

export interface BlobToUpload {
  readonly digest: string;
  readonly size: number;
  /** Its bytes from `start` on, as often as they are asked for. A chunk is the reader's until it asks for the next. */
  open(start: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Another repository of the registry that may have it. */
  readonly from?: string;
}

export interface DocumentToPut {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
}

export interface Kept {
  /** The registry saw the document's `subject`, and tells of it to those who ask for referrers. */
  readonly seesSubject: boolean;
}

/** Of a manifest that refers to another: what the index under the tag says of it. */
export interface Referrer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
