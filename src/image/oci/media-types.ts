/** Media types of images and of what is attached to them: OCI image specification 1.1, and Docker's of the same shapes. */
import { err, ok, type Result } from '#base';

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';
export const CONFIG = 'application/vnd.oci.image.config.v1+json';
export const EMPTY = 'application/vnd.oci.empty.v1+json';
export const SPDX = 'application/spdx+json';
export const IN_TOTO = 'application/vnd.in-toto+json';

export const TAR = 'application/vnd.oci.image.layer.v1.tar';
export const TAR_GZIP = `${TAR}+gzip`;
const TAR_ZSTD = `${TAR}+zstd`;

const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

/** Docker's layers are the same bytes under other names. */
const LAYERS: Readonly<Record<string, string>> = {
  [TAR]: TAR,
  [TAR_GZIP]: TAR_GZIP,
  [TAR_ZSTD]: TAR_ZSTD,
  [DOCKER_LAYER]: TAR,
  [`${DOCKER_LAYER}.gzip`]: TAR_GZIP,
  [`${DOCKER_LAYER}.zstd`]: TAR_ZSTD,
};

const FOREIGN = /\.(?:foreign|nondistributable)\./;

/** The type of the OCI of a layer's; the problem is of an image with such a layer. */
export function layerType(mediaType: string): Result<string, string> {
  const known = LAYERS[mediaType];
  if (known !== undefined) return ok(known);
  return err(
    FOREIGN.test(mediaType)
      ? `it has a layer that must not be passed on (${mediaType})`
      : `it has a layer of an unknown kind, '${mediaType}'`,
  );
}

export function isImageConfig(mediaType: string): boolean {
  return mediaType === CONFIG || mediaType === DOCKER_CONFIG;
}
