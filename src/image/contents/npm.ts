import type { Installed } from './installed.ts';
import { spdxLicence } from './licence.ts';

/** Packages of npm that lie in folders `node_modules`, one in another too. */
export function npmsIn(texts: ReadonlyMap<string, string>): Installed[] {
  return [...texts].flatMap(([path, text]) => (path.endsWith('/package.json') ? npmOf(path, text) : []));
}

function npmOf(path: string, text: string): Installed[] {
  const { name, version, license, author } = objectOf(text);
  if (typeof name !== 'string' || typeof version !== 'string' || name === '' || version === '') return [];
  const licence = typeof license === 'string' ? spdxLicence(license) : undefined;
  const found = { kind: 'npm' as const, name, version, licence, supplier: personOf(author) };
  return [{ package: found, paths: [], folder: path.slice(0, path.lastIndexOf('/')) }];
}

/** `Name <address> (page)`, or an object of these. */
function personOf(author: unknown): string | undefined {
  if (typeof author === 'string') return author.replace(/\s*\(.*\)\s*$/, '') || undefined;
  const { name } = typeof author === 'object' && author !== null ? (author as { name?: unknown }) : {};
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
