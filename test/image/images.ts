/** Small images, for tests that push them. */
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Blob, Content, Described } from '../../src/image/content.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const EMPTY = 'application/vnd.oci.empty.v1+json';

export interface TestBlob extends Blob {
  readonly bytes: Buffer;
  /** How many bytes were read of it. */
  read: number;
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export function testBlob(bytes: Buffer, { mediaType = LAYER, ...more }: Partial<Blob> = {}): TestBlob {
  const blob: TestBlob = {
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    bytes,
    read: 0,
    async *open(start, signal) {
      for (let at = start; at < bytes.length; at += 65_536) {
        signal.throwIfAborted();
        blob.read += Math.min(65_536, bytes.length - at);
        yield bytes.subarray(at, at + 65_536);
      }
    },
    ...more,
  };
  return blob;
}

function described(mediaType: string, value: object, more: Partial<Described> = {}): Described {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value }));
  return { mediaType, digest: digestOf(bytes), bytes, ...more };
}

const pointer = ({ mediaType, digest, ...one }: Blob | Described): object => ({
  mediaType,
  digest,
  size: 'size' in one ? one.size : one.bytes.length,
});

/** A layer is of one file, so that those who check images find nothing wrong with it. */
function tarOf(name: string, bytes: Buffer): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0', 100);
  head.write('0000000\x000000000\0', 108);
  head.write(`${bytes.length.toString(8).padStart(11, '0')}\x0000000000000\0`, 124);
  head.write('        0', 148);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  return Buffer.concat([head, bytes, padding, Buffer.alloc(1024)]);
}

export interface TestLayer extends TestBlob {
  readonly diffId: string;
}

export function randomLayer(size: number, more: Partial<Blob> = {}): TestLayer {
  const tar = tarOf('file', randomBytes(size));
  return Object.assign(testBlob(gzipSync(tar, { level: 0 }), more), { diffId: digestOf(tar) });
}

export interface TestImage extends Content {
  readonly blobs: readonly TestBlob[];
  readonly manifest: Described;
  readonly attached: readonly Described[];
}

/** An index over one manifest, which has notes attached. */
export function testImage(
  layers: readonly (TestBlob & { readonly diffId?: string })[],
  notes: readonly string[] = ['note'],
): TestImage {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest, diffId = digest }) => diffId) };
  const text = JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs });
  const config = testBlob(Buffer.from(text), { mediaType: CONFIG });
  const empty = testBlob(Buffer.from('{}'), { mediaType: EMPTY });
  const manifest = described(MANIFEST, { config: pointer(config), layers: layers.map(pointer) });
  const attached = notes.map(note => attachedTo(manifest, note, empty));
  const platform = { os: 'linux', architecture: 'amd64' };
  const top = described(INDEX, { manifests: [{ ...pointer(manifest), platform }] });
  const blobs = [...layers, config, ...(notes.length > 0 ? [empty] : [])];
  return { top, documents: [manifest, ...attached], blobs, manifest, attached };
}

function attachedTo(subject: Described, note: string, empty: TestBlob): Described {
  const artifactType = 'application/vnd.example.note';
  const annotations = { note };
  const value = {
    artifactType,
    config: pointer(empty),
    layers: [pointer(empty)],
    subject: pointer(subject),
    annotations,
  };
  return described(MANIFEST, value, { subject: subject.digest, artifactType, annotations });
}
