/** One repository of a registry, as those who read it see it. `io/registry/client.ts` makes one. */
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
