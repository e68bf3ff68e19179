import { fieldsOf, type Installed } from './installed.ts';
import { licenceOfMetadata } from './licence.ts';

/**
 * Packages of Python by their `.dist-info` folders: PyPA, "Recording installed projects". What they own is in RECORD; one without
 * owns that folder.
 */
export function pypisIn(texts: ReadonlyMap<string, string>): Installed[] {
  return [...texts].flatMap(([path, text]) => {
    if (!path.endsWith('.dist-info/METADATA')) return [];
    const folder = path.slice(0, path.lastIndexOf('/'));
    return pypiOf(text, folder, texts.get(`${folder}/RECORD`));
  });
}

function pypiOf(metadata: string, folder: string, record: string | undefined): Installed[] {
  // Behind the first empty line comes the description.
  const head = metadata.split(/\r?\n\r?\n/, 1)[0]?.replaceAll('\r', '') ?? '';
  const fields = fieldsOf(head);
  const [name, version] = [fields.get('name'), fields.get('version')];
  if (!name || !version) return [];
  const supplier = [fields.get('author'), fields.get('maintainer')].find(one => one && !one.includes('\n'));
  const found = {
    kind: 'pypi' as const,
    name: name.replaceAll(/[-_.]+/g, '-').toLowerCase(),
    version,
    licence: licenceOfMetadata(head),
    supplier,
  };
  const site = folder.split('/').slice(0, -1);
  return [{ package: found, paths: record === undefined ? [] : recorded(record, site), folder }];
}

/** Lines of `path,hash,size`, with paths from the folder that the packages lie in. */
function recorded(record: string, site: readonly string[]): string[] {
  return record.split('\n').flatMap(line => {
    const path = /^"((?:[^"]|"")*)"/.exec(line)?.[1]?.replaceAll('""', '"') ?? line.split(',', 1)[0] ?? '';
    if (path === '') return [];
    return [path.startsWith('/') ? path : joined(site, path)];
  });
}

function joined(from: readonly string[], path: string): string {
  const names = [...from];
  for (const name of path.split('/'))
    if (name === '..') names.pop();
    else if (name !== '.' && name !== '') names.push(name);
  return names.join('/');
}
