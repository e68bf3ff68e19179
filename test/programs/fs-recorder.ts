/**
 * Writes down what a process asks of the file system: preloaded with `node --import`, in its threads and in the processes
 * that it starts too. FS_RECORD names the file to write to.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const { openSync, writeSync } = fs;
const file = openSync(process.env['FS_RECORD'] ?? '/dev/null', 'a');

type Callable = (...args: unknown[]) => unknown;

/** Paths, and the arguments of programs, are all text that leads anywhere. */
function record(name: string, args: readonly unknown[]): void {
  const told = args
    .slice(0, 2)
    .flat()
    .filter(one => typeof one === 'string' || one instanceof Uint8Array || one instanceof URL)
    .map(one => (one instanceof Uint8Array ? Buffer.from(one).toString('latin1') : String(one)));
  writeSync(file, `${JSON.stringify([name, ...told])}\n`);
}

function watch(module: object, prefix: string, isWatched: (name: string) => boolean): void {
  for (const name of Object.keys(module)) {
    const found: unknown = Reflect.get(module, name);
    // Classes, constants, and what works on files that are open already.
    if (typeof found !== 'function' || !isWatched(name)) continue;
    const original = found as Callable;
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      record(`${prefix}${name}`, args);
      return Reflect.apply(original, this, args);
    };
    // What else hangs on it, such as `realpath.native`.
    Reflect.set(module, name, Object.assign(watched, original));
  }
}

const OPEN_ALREADY =
  /^(?:f[a-z]*(?:Sync)?|read|readSync|readv|readvSync|write|writeSync|writev|writevSync|close|closeSync)$/;

watch(fs, 'fs.', name => /^[a-z]/.test(name) && !OPEN_ALREADY.test(name));
watch(fs.promises, 'fs.promises.', () => true);
watch(childProcess, 'child_process.', name => name !== 'ChildProcess' && /^[a-z]/.test(name));

watch(process, 'process.', name => name === 'dlopen');

syncBuiltinESMExports();
