/** The virtual environment that packages lie in: PEP 405, and packaging specifications, "Python Virtual Environments". */
import { posix } from 'node:path';
import type { LayerEntry } from '../layer-entry.ts';
import type { Interpreter } from './interpreter.ts';

export const VENV = 'opt/venv';

/** Where its packages are found. */
export function sitePackages({ minor }: Pick<Interpreter, 'minor'>): string {
  return `${VENV}/lib/python3.${minor}/site-packages`;
}

/** What makes the base's Python look there: a file that says where it comes from, beside links to it. */
export function venvEntries(interpreter: Interpreter): readonly LayerEntry[] {
  const { path, version, minor } = interpreter;
  const settings = { home: posix.dirname(path), 'include-system-site-packages': 'false', version };
  const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  return [
    { kind: 'file', path: `${VENV}/pyvenv.cfg`, from: Buffer.from(text.join('')) },
    { kind: 'link', path: `${VENV}/bin/python`, target: path },
    { kind: 'link', path: `${VENV}/bin/python3`, target: 'python' },
    { kind: 'link', path: `${VENV}/bin/python3.${minor}`, target: 'python' },
    { kind: 'folder', path: sitePackages(interpreter) },
  ];
}
