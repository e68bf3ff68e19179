import type { Package } from '../recipe.ts';
import { fieldsOf, type Installed } from './installed.ts';

const FOLDER = 'var/lib/dpkg';

/** What dpkg, or what built an image without it, says is installed: dpkg(1), "Package states", and deb-control(5). */
export function debsIn(texts: ReadonlyMap<string, string>): Installed[] {
  return [...texts].flatMap(([path, text]) => {
    if (path === `${FOLDER}/status`) return stanzasOf(text).flatMap(stanza => debOf(stanza, texts));
    const isOne = path.startsWith(`${FOLDER}/status.d/`) && !path.endsWith('.md5sums');
    return isOne ? debOf(text, texts, texts.get(`${path}.md5sums`)) : [];
  });
}

function stanzasOf(text: string): string[] {
  return text.split(/\n[ \t]*\n/);
}

function debOf(stanza: string, texts: ReadonlyMap<string, string>, sums?: string): Installed[] {
  const fields = fieldsOf(stanza);
  const [name, version] = [fields.get('package'), fields.get('version')];
  // Of a package that was removed, but for its settings, the state says so.
  const isInstalled = /(?:^| )installed$/.test(fields.get('status') ?? 'installed');
  if (!name || !version || !isInstalled) return [];
  const architecture = fields.get('architecture');
  const found: Package = {
    kind: 'deb',
    name,
    version,
    architecture,
    source: sourceOf(fields.get('source'), name, version),
    supplier: fields.get('maintainer'),
  };
  const list = [`${name}:${architecture}`, name].map(one => texts.get(`${FOLDER}/info/${one}.list`));
  const paths = sums === undefined ? linesOf(list.find(one => one !== undefined)) : summed(sums);
  return [{ package: found, paths }];
}

/** `glibc`, or `glibc (2.36-9)` where its version is not that of the package. */
function sourceOf(text: string | undefined, name: string, version: string): Package['source'] {
  const [, source, own = version] = /^(\S+)(?:[ \n]+\(([^)]*)\))?$/.exec(text ?? '') ?? [];
  if (source === undefined || (source === name && own === version)) return undefined;
  return { name: source, version: own };
}

function linesOf(text = ''): string[] {
  return text.split('\n').filter(line => line.startsWith('/') && line !== '/.');
}

/** A digest, two spaces, and a path. */
function summed(text: string): string[] {
  return text.split('\n').flatMap(line => /^[0-9a-f]+ [ *](.+)$/.exec(line)?.[1] ?? []);
}
