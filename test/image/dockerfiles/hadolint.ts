/** The real hadolint, which comes as a wheel. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environment } from '../../differential/peers/python.ts';

/** The rules that a Dockerfile breaks. */
export type Hadolint = (dockerfile: string) => readonly string[];

/** Labels that must be there, each of its form. Others may be: models name some of them. */
const LABELS = ['title:text', 'version:text', 'created:rfc3339'].map(
  label => `--require-label=org.opencontainers.image.${label}`,
);
const REGISTRIES = ['docker.io', 'nvcr.io'].map(registry => `--trusted-registry=${registry}`);

/** Throws `Unavailable` where there is no wheel of it. Nobody's configuration is read. */
export function hadolint(): Hadolint {
  const { folder } = environment('hadolint', '../image/dockerfiles/requirements.txt');
  const rules = ['--failure-threshold', 'style', ...LABELS, ...REGISTRIES];
  return dockerfile => {
    const args = ['--config', '/dev/null', '--format', 'json', ...rules, '-'];
    const program = join(folder, 'bin', 'hadolint');
    const { status, stdout, stderr } = spawnSync(program, args, {
      input: dockerfile,
      encoding: 'utf8',
      timeout: 60_000,
    });
    const found = JSON.parse(stdout) as readonly {
      code: string;
      level: string;
      message: string;
      line: number;
    }[];
    assert.equal(status, found.length === 0 ? 0 : 1, stderr);
    return found.map(({ code }) => code);
  };
}
