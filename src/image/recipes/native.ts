/** ONNX Runtime as a program needs it: of the package's megabytes for all systems, those of one platform. */
import { failure } from '#base';
import type { FileEntry } from '../layer-entry.ts';
import { architectureOf, type Platform } from '../platform.ts';
import type { LayerFiles, Package } from '../recipe.ts';
import { MODULES } from './places.ts';

/** A package of npm on this machine. */
export interface NodePackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  /** By their paths in it. */
  readonly files: readonly PackageFile[];
}

export interface PackageFile {
  readonly path: string;
  readonly from: string;
  readonly bytes: number;
}

/** As Node calls them (`process.arch`), which the package names folders by. */
const machines = { amd64: 'x64', arm64: 'arm64' } as const;

const NATIVE = /^bin\/napi-v\d+\//;

/** What is loaded: `require` takes the half of each package that is CommonJS, and a file named below `bin`. */
const LOADED = /^(?:package\.json|dist\/[\w.-]+\.js|dist\/cjs\/(?:[\w./-]+\.js|package\.json))$/;

/** Their licences; both packages name theirs in README and package.json alone. */
const LICENCES = /^(?:licen[cs]e|notice|readme|thirdparty\w*)(?:[.-].*)?$/i;

/** The layer of one platform, or the error of where there is none. */
export function nativeFiles(packages: readonly NodePackage[], platform: Platform): LayerFiles {
  const [main] = packages;
  const machine = machines[architectureOf(platform)];
  if (main === undefined) throw absent();
  if (!main.files.some(({ path }) => isOf(path, machine))) throw foreign(main, platform);
  const layers = packages.map(one => ({ one, files: one.files.filter(({ path }) => isKept(path, machine)) }));
  return {
    title: `${main.name} ${main.version}`,
    entries: layers.flatMap(({ one, files }) => files.map(file => entryOf(one, file))),
    packages: layers.map(({ one, files }) => packageOf(one, files)),
  };
}

function isKept(path: string, machine: string): boolean {
  return isOf(path, machine) || LOADED.test(path) || LICENCES.test(path);
}

function isOf(path: string, machine: string): boolean {
  return NATIVE.test(path) && path.replace(NATIVE, '').startsWith(`linux/${machine}/`);
}

function entryOf({ name }: NodePackage, { path, from }: PackageFile): FileEntry {
  return { kind: 'file', path: `${MODULES}/${name}/${path}`, from };
}

function packageOf({ name, version, licence }: NodePackage, files: readonly PackageFile[]): Package {
  return { kind: 'npm', name, version, licence, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function absent(): Error {
  return failure('image_invalid', {
    subject: 'onnxruntime-node',
    problem: 'it is not installed beside fairlead, and a model of ONNX needs it in the image',
    remedy: 'install it: `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`',
  });
}

function foreign({ name, version }: NodePackage, platform: Platform): Error {
  return failure('image_invalid', {
    subject: `${name} ${version}`,
    problem: `as it is installed here it has no library for ${platform}`,
    remedy: 'install it anew, or leave that platform out of --platform',
  });
}
