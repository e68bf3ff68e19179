/** Programs that packages bring along: packaging specifications, "Entry points", and scripts of wheels. */
import { VENV } from './venv.ts';

export interface Script {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const SHEBANG = Buffer.from('#!python');

/** A wheel's script whose first line asks for whatever Python it is installed for is given the one of the image. */
export function withInterpreter(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, SHEBANG.length).equals(SHEBANG)) return bytes;
  const end = buffer.indexOf('\n');
  const first = buffer.subarray(0, end === -1 ? buffer.length : end).toString();
  const rest = /^#!pythonw?([ \r].*)?$/s.exec(first);
  return rest === null
    ? bytes
    : Buffer.concat([Buffer.from(`#!/${VENV}/bin/python${rest[1] ?? ''}`), buffer.subarray(first.length)]);
}

/** Programs for `console_scripts` and `gui_scripts`; what is no name of a function is left out. */
export function entryPointScripts(text: string): readonly Script[] {
  let section = '';
  return text.split(/\r?\n/).flatMap(line => {
    section = /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1]?.trim() ?? section;
    const [, name, module, attribute] =
      /^\s*([\w.-]+)\s*=\s*([\w.]+)\s*:\s*([\w.]+)\s*(?:\[[^\]]*\])?\s*$/.exec(line) ?? [];
    const isScript = section === 'console_scripts' || section === 'gui_scripts';
    if (!isScript || name === undefined || module === undefined || attribute === undefined) return [];
    return [{ name, bytes: Buffer.from(callOf(module, attribute)) }];
  });
}

function callOf(module: string, attribute: string): string {
  const [first = ''] = attribute.split('.');
  return `#!/${VENV}/bin/python\nimport sys\n\nfrom ${module} import ${first}\n\nsys.exit(${attribute}())\n`;
}
