import type { BaseImage } from '../base-image.ts';
import type { Package } from '../recipe.ts';

/**
 * Runtimes that official images compile or unpack themselves, so that no package manager knows them: they tell the version in their
 * environment. A variable alone is no runtime: its program must be there, and be nobody else's.
 */
const RUNTIMES: readonly {
  variable: string;
  name: string;
  licence: string;
  files: RegExp;
  program: RegExp;
}[] = [
  {
    variable: 'NODE_VERSION',
    name: 'node',
    licence: 'MIT',
    program: /^usr\/local\/bin\/node$/,
    files: /^usr\/local\/(?:bin\/node$|include\/node\/|share\/(?:doc|man)\/)/,
  },
  {
    variable: 'PYTHON_VERSION',
    name: 'python',
    licence: 'PSF-2.0',
    program: /^usr\/local\/bin\/python3\.\d+$/,
    files: /^usr\/local\/(?:bin\/(?:python|pydoc|idle|2to3)|include\/python|lib\/(?:libpython|python3))/,
  },
];

export function runtimesOf({ config, contents }: Pick<BaseImage, 'config' | 'contents'>): readonly Package[] {
  const env = new Map((config.config?.Env ?? []).map(entry => splitAt(entry, entry.indexOf('='))));
  return RUNTIMES.flatMap(({ variable, name, licence, program, files }) => {
    const version = env.get(variable);
    const found = [...contents.files].filter(([, { owner }]) => owner === undefined);
    if (!version || !found.some(([path, { kind }]) => kind === 'file' && program.test(path))) return [];
    const bytes = found.reduce((sum, [path, { size }]) => sum + (files.test(path) ? size : 0), 0);
    return [{ kind: 'generic' as const, name, version, licence, bytes }];
  });
}

function splitAt(text: string, at: number): readonly [string, string] {
  return [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
}
