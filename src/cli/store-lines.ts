/** What `fairlead store` prints, as text and as JSON. */
import { sizeText, table } from '#base';
import type { Cached, Damage } from '#store';

/** A model that was brought here. */
export interface Pulled {
  readonly uri: string;
  readonly digest: string;
  /** Where it lies. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  /** Bytes that came over the network for it. */
  readonly fetched: number;
  readonly revision?: string;
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The digest first, as sha256sum has it. */
export function digestLines(pulled: readonly Pick<Pulled, 'uri' | 'digest'>[]): string {
  return pulled.map(({ digest, uri }) => `${digest}  ${uri}\n`).join('');
}

export function pulledLines(pulled: readonly Pulled[]): string {
  return pulled.map(({ digest, path }) => `${digest}  ${path}\n`).join('');
}

/** `now` in milliseconds since 1970, as `usedAt`. */
export function cachedTable(cached: readonly Cached[], now: number): string {
  const rows = cached.map(({ digest, bytes, files, usedAt, inUse, uris }) => [
    digest,
    sizeText(bytes),
    String(files),
    agoText(now - usedAt),
    inUse ? 'yes' : 'no',
    uris.join(', '),
  ]);
  return table([['DIGEST', 'SIZE', 'FILES', 'USED', 'IN USE', 'URI'], ...rows]);
}

export function damageLine({ digest, file, expected, found }: Damage): string {
  if (file === undefined) return `${digest}: it cannot be read`;
  return `${digest}: ${file} has the digest ${found ?? 'of nothing, as it is gone'}, and ${expected} is expected`;
}

export function freedLine(removed: readonly Cached[]): string {
  const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
  return `freed ${sizeText(bytes)}: ${removed.length} ${removed.length === 1 ? 'model' : 'models'}`;
}

const DAY = 86_400;

function agoText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 2 * DAY ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / DAY)} days ago`;
}
