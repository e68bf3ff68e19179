/**
 * Writes the golden files: whole outputs of `fairlead render`, so that a change of what is rendered is seen in review. A test keeps them
 * equal to what this writes, and wants their hash in the changelog.
 *
 *   node scripts/run.mjs scripts/generate-golden.ts
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { yamlText } from '#manifests';
import { cases, renderedCase } from '../test/golden/cases.ts';

const FOLDER = 'test/golden';

/** Path from the root, to text. */
export function golden(): ReadonlyMap<string, string> {
  return new Map(cases.map(one => [`${FOLDER}/${one.name}.yaml`, yamlText(renderedCase(one))]));
}

/** What the changelog calls these files by: the same files, the same hash. */
export function hashOf(files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const path of [...files.keys()].toSorted()) hash.update(`${path}\0${files.get(path)}\0`);
  return hash.digest('hex').slice(0, 12);
}

/** Files that are there, golden or not any more. */
export function goldenFiles(root: string): string[] {
  const names = readdirSync(join(root, FOLDER)).filter(name => name.endsWith('.yaml'));
  return names.map(name => `${FOLDER}/${name}`).toSorted();
}

/** The newest part of a changelog that says what changed in rendered objects. */
export function renderedChanges(changelog: string): string {
  const [, part = ''] = changelog.split(/^### Rendered objects$/m);
  return part.split(/^##/m)[0] ?? '';
}

function write(): void {
  const root = dirname(import.meta.dirname);
  const files = golden();
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const path of goldenFiles(root)) if (!files.has(path)) rmSync(join(root, path));
  for (const [path, text] of files) {
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
  process.stdout.write(`CHANGELOG.md, "Rendered objects": say what changed, with \`${hashOf(files)}\`\n`);
}

if (import.meta.main) write();
