import type { ArchiveFormat } from '../source.ts';

const IMAGE_LAYER =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[+.](gzip|zstd))?$/;

/** How an image's layer is packed, by its type: the OCI's or Docker's. Undefined for what is none. */
export function layerFormatOf(mediaType: string): Exclude<ArchiveFormat, 'zip'> | undefined {
  const match = IMAGE_LAYER.exec(mediaType);
  if (match === null) return undefined;
  return match[1] === undefined ? 'tar' : match[1] === 'gzip' ? 'tar+gzip' : 'tar+zstd';
}
