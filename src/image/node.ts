/** Node's program in an image: where it is, and whether what an image has can run it. */
import type { BaseContents, BaseImage } from './base-image.ts';
import type { Platform } from './platform.ts';
import type { Recipe } from './recipe.ts';

/** Where recipes have it. */
export const NODE = 'usr/local/bin/node';
const PLACES = [NODE, 'usr/bin/node'];
/** What fairlead runs on: `engines` of its package. */
const LEAST = [22, 19] as const;
export const LEAST_VERSION = LEAST.join('.');

const LOADERS: Readonly<Record<Platform, string>> = {
  'linux/amd64': 'ld-linux-x86-64.so.2',
  'linux/arm64': 'ld-linux-aarch64.so.1',
};

export interface NodeProgram {
  /** Without the slash before it. */
  readonly path: string;
  readonly version: string;
}

/** The Node of an image, where it says its version (as those made by Node's own do) and is recent enough. */
export function nodeIn({
  config,
  contents,
}: Pick<BaseImage, 'config' | 'contents'>): NodeProgram | undefined {
  const line = config.config?.Env?.find(one => one.startsWith('NODE_VERSION='));
  const version = line?.slice('NODE_VERSION='.length);
  const path = PLACES.find(one => contents.files.get(one)?.kind === 'file');
  if (version === undefined || path === undefined || !isRecent(version)) return undefined;
  return { path, version };
}

function isRecent(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) > LEAST[0] || (Number(major) === LEAST[0] && Number(minor) >= LEAST[1]);
}

/** Why Node's program cannot run on what an image has: it is linked with glibc and the library of C++. */
export function nodeProblem({ files, system }: BaseContents, platform: Platform): string | undefined {
  const names = new Set([...files.keys()].map(path => path.slice(path.lastIndexOf('/') + 1)));
  const isMusl = system?.id === 'alpine' || [...names].some(name => name.startsWith('ld-musl-'));
  if (isMusl) return "its library of C is musl, and Node's program needs glibc, such as Debian's";
  const missing = [LOADERS[platform], 'libstdc++.so.6'].find(name => !names.has(name));
  return missing === undefined ? undefined : `it has no ${missing}, which Node's program needs`;
}

/** Recipes start Node where Node's own images have it. */
export function withNodeAt(path: string, recipe: Recipe): Recipe {
  const [program, ...rest] = recipe.run.entrypoint;
  if (program !== `/${NODE}`) return recipe;
  return { ...recipe, run: { ...recipe.run, entrypoint: [`/${path}`, ...rest] } };
}
