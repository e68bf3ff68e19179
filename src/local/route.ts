import { percentDecoded } from '#base';
import type { ModelIdentity } from '#spec';

/** What a path says about who may answer it. */
export interface Target {
  readonly model?: string;
  readonly version?: string;
}

const PATHS = [
  /^\/v1\/models\/(?<model>[^/:]+)(?:\/versions\/(?<version>[^/:]+))?(?=[/:]|$)/,
  /^\/v2\/models\/(?<model>[^/]+)(?:\/versions\/(?<version>[^/]+))?(?=\/|$)/,
  /^\/models\/(?<model>[^/]+)\/predict$/,
];

/** The model, and perhaps the version, that a request path names. The query is no part of it. */
export function targetOf(path: string): Target {
  const bare = path.split('?', 1)[0] ?? path;
  for (const pattern of PATHS) {
    const found = pattern.exec(bare)?.groups;
    if (found === undefined) continue;
    // A stray % names nothing; the server words the refusal.
    const model = percentDecoded(found['model'] ?? '') || undefined;
    const version = percentDecoded(found['version'] ?? '') || undefined;
    return { ...(model !== undefined && { model }), ...(version !== undefined && { version }) };
  }
  return {};
}

/**
 * Who may answer a target. A version pins the request to the arms that serve it, even those of weight 0. A model name
 * alone narrows the split to the arms that know it, since the others could only answer 404. What nobody serves goes by
 * weight, so that a server says no in its protocol's own words.
 */
export function eligible<A extends { readonly models: readonly ModelIdentity[] }>(
  arms: readonly A[],
  { model, version }: Target,
): { readonly arms: readonly A[]; readonly pinned: boolean } {
  const named =
    model === undefined ? arms : arms.filter(arm => arm.models.some(({ name }) => name === model));
  if (named.length === 0) return { arms, pinned: false };
  if (version === undefined) return { arms: named, pinned: false };
  const isMeant = (one: ModelIdentity): boolean =>
    one.version === version && (model ?? one.name) === one.name;
  const exact = named.filter(arm => arm.models.some(isMeant));
  return exact.length === 0 ? { arms: named, pinned: false } : { arms: exact, pinned: true };
}
