/** Where images come from and go to, by the flags of `image` and the variables of this process. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure, messageOf } from '#base';
import { type ImageName, readImageName, referenceOf } from '#image';
import { openRegistry, type Registry } from '#store';
import { wrong } from './flags.ts';
import { userCaches } from './model-store.ts';

export interface RegistryFlags {
  /** Hosts of registries that are reached by plain http. */
  readonly plainHttp?: readonly string[];
  /** A file with the certificates of authorities of one's own. */
  readonly ca?: string;
}

/** Milliseconds without a byte. */
const PATIENCE_MS = 30_000;
const CONNECTIONS = 8;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs;

/** With a port or without. */
const HOST = /^[\w.-]+(?::\d+)?$|^\[[\da-fA-F:]+\](?::\d+)?$/;

/** Opens registries. Throws `usage_invalid` and `file_unreadable`. */
export async function registries({
  plainHttp = [],
  ca,
}: RegistryFlags): Promise<(name: ImageName) => Promise<Registry>> {
  const stray = plainHttp.find(host => !HOST.test(host));
  if (stray !== undefined)
    throw wrong(
      `--plain-http takes a host as it stands in names of images, such as registry.local:5000, not '${stray}'`,
    );
  const authorities = ca === undefined ? undefined : await pem(ca);
  const options = {
    patienceMs: PATIENCE_MS,
    connections: CONNECTIONS,
    environment: process.env,
    ...(authorities !== undefined && { authorities }),
  };
  return name => openRegistry(referenceOf(name, plainHttp.includes(name.registry)), options);
}

async function pem(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) =>
    Promise.reject(failure('file_unreadable', { path, problem: messageOf(error) }, error)),
  );
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0)
    throw failure('file_unreadable', { path, problem: 'it holds no certificate in PEM' });
  // What cannot be read would be passed over, and the registry then be blamed.
  if (!certificates.every(isReadable))
    throw failure('file_unreadable', { path, problem: 'a certificate in it is damaged' });
  return text;
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}

/** Throws `image_name_invalid`. */
export function nameOf(text: string): ImageName {
  const read = readImageName(text);
  if (read.ok) return read.value;
  throw failure('image_name_invalid', { name: text, problem: read.error });
}

/** The folder of what images are made of: FAIRLEAD_IMAGE_CACHE, or below that of the user's caches. */
export function imageCache(environment: NodeJS.ProcessEnv): string {
  return resolve(environment['FAIRLEAD_IMAGE_CACHE'] ?? join(userCaches(environment), 'images'));
}

/** Seconds since 1970 that everything in an image is from: https://reproducible-builds.org/specs/source-date-epoch/. */
export function epochOf({ SOURCE_DATE_EPOCH: text }: NodeJS.ProcessEnv): number {
  if (text === undefined || text === '') return 0;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw wrong(`SOURCE_DATE_EPOCH must be seconds since 1970, not '${text}'`);
}
