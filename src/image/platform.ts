/** What images are made for, as `--platform` has it: OCI image specification, "Image Index", `os` and `architecture`. */
export const platforms = ['linux/amd64', 'linux/arm64'] as const;

export type Platform = (typeof platforms)[number];

/** `amd64` of `linux/amd64`. */
export function architectureOf(platform: Platform): 'amd64' | 'arm64' {
  return platform === 'linux/amd64' ? 'amd64' : 'arm64';
}
