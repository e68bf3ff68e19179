import { type Installed } from './installed.ts';
import { spdxLicence } from './licence.ts';

const PATHS = ['lib/apk/db/installed', 'usr/lib/apk/db/installed'];

/** What Alpine's package manager says is installed: https://wiki.alpinelinux.org/wiki/Apk_spec, "Installed Database". */
export function apksIn(texts: ReadonlyMap<string, string>): Installed[] {
  const text = PATHS.map(path => texts.get(path)).find(one => one !== undefined) ?? '';
  return text.split(/\n\n+/).flatMap(apkOf);
}

function apkOf(stanza: string): Installed[] {
  const fields = new Map<string, string>();
  const paths: string[] = [];
  let folder = '';
  for (const line of stanza.split('\n')) {
    const [key, value] = [line.slice(0, 1), line.slice(2)];
    if (line[1] !== ':') continue;
    if (key === 'F') folder = value;
    else if (key === 'R') paths.push(`${folder}/${value}`);
    else if (!fields.has(key)) fields.set(key, value);
  }
  const [name, version, origin] = [fields.get('P'), fields.get('V'), fields.get('o')];
  if (!name || !version) return [];
  const source = origin === undefined || origin === name ? undefined : { name: origin, version };
  const found = {
    kind: 'apk' as const,
    name,
    version,
    architecture: fields.get('A'),
    licence: spdxLicence(fields.get('L')),
    source,
    supplier: fields.get('m'),
  };
  return [{ package: found, paths }];
}
