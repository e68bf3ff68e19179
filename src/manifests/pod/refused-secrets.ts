import { foreignKind } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { type SecretFile, secretFiles } from './secret-volumes.ts';

const all = ['tls', 'predict', 'admin'] as const;

/** Secrets that nobody names, or that nobody needs. */
export function secretRefusals(arm: PodArm, door: PodArm | undefined): Refused[] {
  // A gateway that does the work of these servers has what they would have.
  const isBehind = door !== undefined && foreignKind(arm.deployed.revision.runtime) !== undefined;
  const files = secretFiles(isBehind ? door : arm);
  const { secrets } = arm.service.spec.kubernetes;
  const missing = all.flatMap(named => {
    const file = files.find(one => one.named === named);
    return file === undefined || secrets[named] !== undefined ? [] : [missingOf(file)];
  });
  const idle = all
    .filter(named => secrets[named] !== undefined && files.every(one => one.named !== named))
    .map(named => ({ path: `spec.kubernetes.secrets.${named}`, problem: `has no effect: ${why[named]}` }));
  return [...missing, ...idle, ...clashes(files)];
}

const why = {
  tls: 'nothing here is served over TLS (server.tls)',
  predict: 'no keys are asked for (server.auth.predict.keys)',
  admin: 'no keys are asked for (server.auth.admin.keys)',
} as const;

function missingOf({ named, field, path }: SecretFile): Refused {
  return {
    path: `spec.kubernetes.secrets.${named}`,
    problem: `is missing: name the Secret that has what ${field} names, which pods find at ${path}`,
  };
}

/** Two files at one path: that of another Secret would hide the first one. */
function clashes(files: readonly SecretFile[]): Refused[] {
  return files.flatMap((file, at) => {
    const other = files.slice(0, at).find(({ path }) => path === file.path);
    if (other === undefined || (other.secret === file.secret && other.key === file.key)) return [];
    const problem = `is at the same path as ${other.field}, and of another Secret or key: give it a path of its own`;
    return [{ path: `spec.${file.field}`, problem }];
  });
}
