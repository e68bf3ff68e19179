import { err, ok, type Result } from '#base';
import type { Descriptor } from '#store';
import { architectureOf, type Platform } from '../platform.ts';

/** Of arm64 there has been one variant, which most leave out; of amd64, v1 is what every machine has. */
const PLAIN_VARIANT = { amd64: 'v1', arm64: 'v8' } as const;

/**
 * The manifest of an index that is for a platform. The problem names those that there are. What says `unknown/unknown` is no
 * image: builders put notes about the others there.
 */
export function manifestFor(
  manifests: readonly Descriptor[],
  platform: Platform,
): Result<Descriptor, string> {
  const chosen = manifests.find(one => isFor(one, platform));
  if (chosen !== undefined) return ok(chosen);
  const there = [...new Set(manifests.map(shown).filter(text => text !== undefined))];
  return err(notFor(there, platform));
}

export function notFor(there: readonly string[], platform: Platform): string {
  const images = there.length === 0 ? 'no platform that it names' : there.slice(0, 12).join(', ');
  return `it is for ${images}, and not for ${platform}`;
}

function isFor({ platform: own }: Descriptor, platform: Platform): boolean {
  const architecture = architectureOf(platform);
  if (own?.os !== 'linux' || own.architecture !== architecture) return false;
  return own.variant === undefined || own.variant === '' || own.variant === PLAIN_VARIANT[architecture];
}

function shown({ platform }: Descriptor): string | undefined {
  if (platform === undefined || platform === null || platform.os === 'unknown') return undefined;
  const { os, architecture, variant } = platform;
  return [os, architecture, variant].filter(text => text !== undefined && text !== '').join('/');
}
