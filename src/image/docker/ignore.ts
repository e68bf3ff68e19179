import type { LayerEntry } from '../layer-entry.ts';

/** Of `.dockerignore`: Docker reads Dockerfile and this file anyway. The names are safe, and so are no patterns. */
export function ignoreText(entries: readonly LayerEntry[]): string {
  const names = new Set(entries.map(({ path }) => path.split('/')[0] ?? ''));
  const taken = [...names].map(name => `!${name}\n`);
  return `# Nothing but what the Dockerfile copies.\n*\n${taken.join('')}`;
}
