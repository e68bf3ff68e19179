/**
 * Keys and certificates, from Secrets. A folder is mounted and never one file: only a folder is seen to change when its Secret does,
 * and servers read anew what has changed.
 */
import { basename, dirname } from 'node:path';
import type { PodArm } from '../release.ts';
import { numbered, type Storage, type Volume } from './storage.ts';

type Named = keyof PodArm['service']['spec']['kubernetes']['secrets'];

/** Which of the file's Secrets has it, and under which key. */
const sources: Readonly<Record<string, readonly [secret: Named, key: string]>> = {
  'server.tls.certificate': ['tls', 'tls.crt'],
  'server.tls.key': ['tls', 'tls.key'],
  'server.tls.clientAuthority': ['tls', 'ca.crt'],
  'server.auth.predict.keys.file': ['predict', 'keys.yaml'],
  'server.auth.admin.keys.file': ['admin', 'keys.yaml'],
};

/** A file of the server that a Secret has. */
export interface SecretFile {
  /** As the service file has it. */
  readonly field: string;
  readonly path: string;
  /** Of `kubernetes.secrets`. */
  readonly named: Named;
  /** The Secret; undefined where the file names none. */
  readonly secret: string | undefined;
  readonly key: string;
}

export function secretFiles({ mounted, service: { spec } }: PodArm): SecretFile[] {
  return mounted.flatMap(({ field, path }) => {
    const source = sources[field];
    if (source === undefined) return [];
    const [named, key] = source;
    return [{ field, path, named, secret: spec.kubernetes.secrets[named], key }];
  });
}

export function secretVolumes(arm: PodArm): Storage {
  const files = secretFiles(arm);
  const folders = [...new Set(files.map(({ path }) => dirname(path)))];
  const volumes = folders.map((folder, at) =>
    volumeOf(
      numbered('secrets', at),
      files.filter(({ path }) => dirname(path) === folder),
    ),
  );
  const server = folders.map((mountPath, at) => ({
    name: numbered('secrets', at),
    mountPath,
    readOnly: true as const,
  }));
  return { volumes, server, init: [] };
}

/** Projected, for a folder may have files of two Secrets: keys of clients and those of administrators. */
function volumeOf(name: string, files: readonly SecretFile[]): Volume {
  const secrets = [...new Set(files.flatMap(({ secret }) => secret ?? []))];
  return {
    name,
    projected: {
      // For the owner and the pod's group: 0440 in octal.
      defaultMode: 0o440,
      sources: secrets.map(secret => ({ secret: { name: secret, items: itemsOf(secret, files) } })),
    },
  };
}

/** The same key at the same path is written once. */
function itemsOf(secret: string, files: readonly SecretFile[]): object[] {
  const own = files.filter(file => file.secret === secret);
  const byPath = new Map(own.map(({ key, path }) => [path, { key, path: basename(path) }]));
  return [...byPath.values()];
}
