import type { OciReference } from '../uri/reference.ts';

/** Where a registry is reached. Docker Hub answers under another name than it is called by. */
export function registryOrigin({ registry, options }: OciReference): string {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const isPlain = options.insecure ?? isThisMachine(registry);
  return `${isPlain ? 'http' : 'https'}://${host}`;
}

function isThisMachine(registry: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(registry);
}

/** Where a registry without the referrers' API keeps what refers to a digest: distribution specification, "Referrers Tag Schema". */
export function referrersTag(digest: string): string {
  return digest.replace(':', '-');
}
