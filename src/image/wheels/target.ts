/** What wheels are chosen for. */

import type { Libc } from './libc.ts';
import type { MarkerEnvironment } from './marker.ts';

export interface Target {
  /** Of Python 3. */
  readonly python: Python;
  readonly architecture: 'amd64' | 'arm64';
  readonly libc: Libc;
}

export interface Python {
  /** 11 of 3.11. */
  readonly minor: number;
  /** `3.11.9` */
  readonly version: string;
}

/** As Linux names it. */
export function machineOf(architecture: Target['architecture']): 'x86_64' | 'aarch64' {
  return architecture === 'amd64' ? 'x86_64' : 'aarch64';
}

/** What markers are asked with, outside of any extra. Nobody knows which kernel an image will meet. */
export function environmentOf({ python, architecture }: Target): MarkerEnvironment {
  return {
    python_version: `3.${python.minor}`,
    python_full_version: python.version,
    os_name: 'posix',
    sys_platform: 'linux',
    platform_release: '',
    platform_system: 'Linux',
    platform_version: '',
    platform_machine: machineOf(architecture),
    platform_python_implementation: 'CPython',
    implementation_name: 'cpython',
    implementation_version: python.version,
    extra: '',
  };
}

/** For people: `CPython 3.11 on linux/arm64 with glibc 2.36`. */
export function targetText({ python, architecture, libc }: Target): string {
  const library = `${libc.kind} ${libc.major}.${libc.minor}`;
  return `CPython 3.${python.minor} on linux/${architecture} with ${library}`;
}
