/** The program that goes into an image: what is installed here, or where this runs from its sources, that built anew. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { failure } from '#base';
import { type Materials, nativeFiles, onnxPackages, programFiles } from '#image';
import { version } from './version.ts';

/** It takes two seconds; a machine with something else to do is waited for. Milliseconds. */
const BUILD_MS = 120_000;

/** From where packages are looked for: as the program itself would find them. */
const here = fileURLToPath(import.meta.url);

export interface BuiltProgram {
  readonly program: NonNullable<Materials['program']>;
  /** Removes what was built for it. */
  readonly release: () => Promise<void>;
}

/** Throws `image_unwritable` where it has to be built and cannot be, and the signal's reason. */
export async function builtProgram(signal: AbortSignal): Promise<BuiltProgram> {
  const about = { name: 'fairlead', version, licence: 'Apache-2.0' };
  if (!here.endsWith('.ts'))
    return { program: await programFiles(dirname(here), about), release: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-program-'));
  const release = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await build(folder, signal);
    return { program: await programFiles(folder, about), release };
  } catch (error: unknown) {
    await release();
    throw error;
  }
}

/** Wherever it is called from, by this Node; nothing is written in the clone. */
async function build(folder: string, signal: AbortSignal): Promise<void> {
  const root = dirname(dirname(dirname(here)));
  const args = ['--conditions=source', join(root, 'scripts', 'build.ts'), '--out', folder];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: root, timeout: BUILD_MS, signal });
  } catch (error: unknown) {
    signal.throwIfAborted();
    const { stderr = '' } = error as { stderr?: string };
    const problem = stderr.trim().split('\n').at(-1) || 'it does not end';
    throw failure('image_unwritable', { path: folder, problem: `scripts/build.ts: ${problem}` }, error);
  }
}

/** What ONNX runs with, of each platform that it is here for. */
export async function nativeOf(): Promise<Materials['native']> {
  const packages = await onnxPackages(here);
  return platform => nativeFiles(packages, platform);
}
