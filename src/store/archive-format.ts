import type { ArchiveFormat, Listing } from './source.ts';

const BY_NAME: readonly (readonly [RegExp, ArchiveFormat])[] = [
  [/\.tar$/i, 'tar'],
  [/\.(?:tar\.gz|tgz)$/i, 'tar+gzip'],
  [/\.(?:tar\.zst|tzst)$/i, 'tar+zstd'],
  [/\.zip$/i, 'zip'],
];

const BY_TYPE: Readonly<Record<string, ArchiveFormat>> = {
  'application/tar': 'tar',
  'application/x-tar': 'tar',
  'application/gzip': 'tar+gzip',
  'application/x-gzip': 'tar+gzip',
  'application/x-gtar': 'tar+gzip',
  'application/x-compressed-tar': 'tar+gzip',
  'application/zstd': 'tar+zstd',
  'application/x-zstd': 'tar+zstd',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
};

/** The format of an archive by its name; undefined for what is none. */
export function archiveFormatOf(name: string): ArchiveFormat | undefined {
  return BY_NAME.find(([ending]) => ending.test(name))?.[1];
}

/** The format of an archive by its Content-Type, for a name that tells nothing: one without an ending. */
export function archiveFormatOfType(type: string | undefined): ArchiveFormat | undefined {
  const media = type?.split(';')[0]?.trim().toLowerCase() ?? '';
  return Object.hasOwn(BY_TYPE, media) ? BY_TYPE[media] : undefined;
}

/** A file that a URI names is unpacked where its name is that of an archive, whatever store it lies in. */
export function withArchive(listing: Listing): Listing {
  const { named, files, ...rest } = listing;
  const format = named === undefined ? undefined : archiveFormatOf(named);
  if (format === undefined) return listing;
  return {
    ...rest,
    files: files.filter(({ path }) => path === named).map(one => ({ ...one, unpack: { format } })),
  };
}
