/** How a blob goes to a registry in pieces: OCI distribution specification 1.1, "Pushing blobs". */

/** Bytes of a request, at most, at first; what is no longer goes in one. A cut costs no more than this. */
export const CHUNK = 16 * 2 ** 20;

/** Of a request, where a registry or a proxy before it takes no larger ones. Bytes. */
const LEAST_CHUNK = 2 ** 19;

/**
 * The next smaller chunk to try where one of so many bytes was too large; undefined where there is none. GitHub's registry takes
 * 4 MiB of a chunk, and nginx takes 1 MiB of anything unless it is told otherwise.
 */
export function smallerChunk(bytes: number): number | undefined {
  return bytes <= LEAST_CHUNK ? undefined : Math.max(LEAST_CHUNK, Math.floor(bytes / 4));
}

/** How many bytes of an upload a registry has, by the `Range` of its answer; undefined where it does not say. */
export function reachedOf(range: string | undefined): number | undefined {
  const last = /^(?:bytes[ =])?0-(\d+)(?:\/.*)?$/.exec(range ?? '')?.[1];
  // Of one byte and of none, registries say the same.
  return last === undefined ? undefined : last === '0' ? 0 : Number(last) + 1;
}

/** Where an upload is ended: what the registry put in its query stands as it is, since it may be signed. */
export function endOf(upload: URL, digest: string): URL {
  const end = new URL(upload);
  end.search = `${upload.search === '' ? '?' : `${upload.search}&`}digest=${encodeURIComponent(digest)}`;
  return end;
}

/** The least chunk that a registry wants, the last one aside: `OCI-Chunk-Min-Length`. Bytes. */
export function leastChunk(header: string | string[] | undefined): number {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : 0;
}
