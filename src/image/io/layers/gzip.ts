import { Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';

/** The default: 9 takes twice as long here for one percent. */
const LEVEL = constants.Z_DEFAULT_COMPRESSION;
/** Of the header of gzip (RFC 1952 §2.3.1): the system it was packed on. 255 is unknown, as which of them says nothing. */
const OS_BYTE = 9;

/** Whoever packs alike: other versions of zlib make other bytes of the same. */
export const packer = `gzip-${process.versions['zlib'] ?? ''}-${process.arch}`;

/** The same bytes packed, without a time or a name. */
export async function* gzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip({ level: LEVEL, chunkSize: 256 * 1024 });
  const input = Readable.from(source, { objectMode: false, highWaterMark: 1024 * 1024 });
  input.on('error', error => gzip.destroy(error));
  input.pipe(gzip);
  let at = 0;
  try {
    for await (const chunk of gzip as AsyncIterable<Uint8Array>) {
      if (at <= OS_BYTE && at + chunk.length > OS_BYTE) chunk[OS_BYTE - at] = 255;
      at += chunk.length;
      yield chunk;
    }
  } finally {
    input.destroy();
    gzip.destroy();
  }
}
