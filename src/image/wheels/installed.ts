import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { err, ok, type Result } from '#base';
import type { FileEntry } from '../layer-entry.ts';
import { type Ground, placeOf } from './placing.ts';
import { recordText } from './record.ts';
import { entryPointScripts, withInterpreter } from './scripts.ts';
import { VENV } from './venv.ts';

/** A file of a wheel. */
export interface WheelFile {
  /** As the wheel has it. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** The wheel says that it may be run. */
  readonly isProgram: boolean;
}

/** A wheel, unpacked on this machine. */
export interface UnpackedWheel {
  readonly folder: string;
  readonly distInfo: string;
  readonly files: readonly WheelFile[];
  /** What is in those that are read here, by path: `isRead`. */
  readonly read: ReadonlyMap<string, Uint8Array>;
}

/** Scripts are text; what is as large is a program of a machine. Bytes. */
const MOST_SCRIPT = 1024 * 1024;

/** Whether what is in a file decides on how it is installed. */
export function isRead({ path, size }: Pick<WheelFile, 'path' | 'size'>): boolean {
  return (
    (/^[^/]+\.data\/scripts\//.test(path) && size <= MOST_SCRIPT) ||
    /^[^/]+\.dist-info\/(?:METADATA|WHEEL|entry_points\.txt)$/.test(path)
  );
}

/** What is written here, and read by whoever lists packages, to know who installed them. */
const INSTALLER = 'fairlead\n';

/** The files of a wheel as they lie in an image, its list of them written anew. The error follows the wheel's name. */
export function installed(wheel: UnpackedWheel, ground: Ground): Result<readonly FileEntry[], string> {
  const { distInfo } = wheel;
  const installation = new Installation(ground.site);
  for (const file of wheel.files.filter(({ path }) => !isRewritten(path, distInfo))) {
    const place = placeOf(file.path, ground);
    if (!place.ok) return err(`holds ${file.path}, which ${place.error}`);
    const { path, isScript } = place.value;
    const script = isScript ? wheel.read.get(file.path) : undefined;
    if (script !== undefined) installation.write(path, withInterpreter(script), true);
    else installation.place(path, { ...file, isProgram: file.isProgram || isScript }, wheel.folder);
  }
  const points = Buffer.from(wheel.read.get(`${distInfo}/entry_points.txt`) ?? '').toString();
  for (const { name, bytes } of entryPointScripts(points))
    installation.write(`${VENV}/bin/${name}`, bytes, true);
  installation.write(`${ground.site}/${distInfo}/INSTALLER`, Buffer.from(INSTALLER), false);
  return ok(installation.end(`${distInfo}/RECORD`));
}

/** Entries, and the list of them. */
class Installation {
  readonly #site: string;
  readonly #entries: FileEntry[] = [];
  readonly #listed: Parameters<typeof recordText>[0][number][] = [];

  constructor(site: string) {
    this.#site = site;
  }

  place(path: string, { path: own, sha256, size, isProgram }: WheelFile, folder: string): void {
    this.#add(
      { kind: 'file', path, from: posix.join(folder, own), ...(isProgram && { isProgram }) },
      sha256,
      size,
    );
  }

  write(path: string, bytes: Uint8Array, isProgram: boolean): void {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#add({ kind: 'file', path, from: bytes, ...(isProgram && { isProgram }) }, sha256, bytes.length);
  }

  end(record: string): readonly FileEntry[] {
    const from = Buffer.from(recordText(this.#listed, record));
    return [...this.#entries, { kind: 'file', path: `${this.#site}/${record}`, from }];
  }

  #add(entry: FileEntry, sha256: string, size: number): void {
    this.#entries.push(entry);
    this.#listed.push({ path: posix.relative(this.#site, entry.path), sha256, size });
  }
}

/** Signatures over a list that is no longer there would say nothing. */
function isRewritten(path: string, distInfo: string): boolean {
  return [
    `${distInfo}/RECORD`,
    `${distInfo}/RECORD.jws`,
    `${distInfo}/RECORD.p7s`,
    `${distInfo}/INSTALLER`,
  ].includes(path);
}
