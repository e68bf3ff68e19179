import type { BaseContents } from '../base-image.ts';

/** The C library that native code is linked to, which says what wheels run there. */
export interface Libc {
  readonly kind: 'glibc' | 'musl';
  readonly major: number;
  readonly minor: number;
}

/** Packages that it comes in: of Debian and Ubuntu, of Wolfi, of Alpine. */
const PACKAGES: readonly (readonly [kind: string, name: string, libc: Libc['kind']])[] = [
  ['deb', 'libc6', 'glibc'],
  ['apk', 'glibc', 'glibc'],
  ['apk', 'musl', 'musl'],
];

/** Where no package tells which it is, the oldest that wheels of today are made for. */
const LEAST: readonly (readonly [file: RegExp, libc: Libc])[] = [
  [/(?:^|\/)ld-musl-[^/]*\.so\.1$/, { kind: 'musl', major: 1, minor: 1 }],
  [/(?:^|\/)(?:libc\.so\.6|ld-linux-[^/]*\.so\.[12])$/, { kind: 'glibc', major: 2, minor: 17 }],
];

/** Undefined for a base that has none. */
export function libcOf({ packages, files }: BaseContents): Libc | undefined {
  for (const [kind, name, libc] of PACKAGES) {
    const found = packages.find(one => one.kind === kind && one.name === name);
    const [, major, minor] = /^(?:\d+:)?(\d+)\.(\d+)/.exec(found?.version ?? '') ?? [];
    if (major !== undefined) return { kind: libc, major: Number(major), minor: Number(minor) };
  }
  const paths = [...files.keys()];
  return namedLibc(paths) ?? LEAST.find(([file]) => paths.some(path => file.test(path)))?.[1];
}

/** Before 2.34 its file was named by its version: `libc-2.31.so`. */
function namedLibc(paths: readonly string[]): Libc | undefined {
  for (const path of paths) {
    const minor = /(?:^|\/)libc-2\.(\d+)\.so$/.exec(path)?.[1];
    if (minor !== undefined) return { kind: 'glibc', major: 2, minor: Number(minor) };
  }
  return undefined;
}
