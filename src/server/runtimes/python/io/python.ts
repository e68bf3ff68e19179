import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure, messageOf } from '#base';
import { modelFiles } from '#store';
import { Instances } from '../../io/instances.ts';
import type { Runtime } from '../../port.ts';
import { type PythonModel, platforms } from '../python-model.ts';
import { PythonInstance } from './python-instance.ts';

/** A model of Python, in processes of its own. `onLine` is called with what it writes to stdout and stderr. */
export function pythonRuntime(model: PythonModel, onLine: (line: string) => void): Runtime {
  return {
    platform: platforms[model.loader],
    beside: {
      place: 'processes',
      weigh: async path => bytesOf(path),
      spawn: async (path, { threads, instances, notice }) => {
        const files = await modelFiles(path, importsBeside(model));
        const open = (signal: AbortSignal): Promise<PythonInstance> =>
          PythonInstance.open({ path, model, threads, onLine, signal });
        return Instances.open({ place: 'processes', files, open, notice }, instances);
      },
    },
  };
}

/** Whether loading it may import modules that lie beside it: the author's class, or what a pickle names. */
function importsBeside({ class: named, allowUnsafeFormats }: PythonModel): boolean {
  return named !== undefined || allowUnsafeFormats;
}

/** Of a file, or of all files in a folder. Throws `file_unreadable`. */
function bytesOf(path: string): number {
  try {
    const found = statSync(path);
    if (!found.isDirectory()) return found.size;
    const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
    return names.reduce((sum, name) => sum + fileBytes(join(path, name)), 0);
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}

function fileBytes(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : 0;
}
