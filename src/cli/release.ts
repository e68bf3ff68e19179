/** From service files to what a cluster is to have: each revision, where its models lie, and what its pods run. */
import type { PodArm, Release } from '#manifests';
import { foreignKind } from '#spec';
import { armOf, type Made, type ReleasePorts } from './release-arm.ts';
import { checkPair } from './release-pair.ts';
import { faulty, type ReadFile, readFileAt } from './service-file.ts';
import { version } from './version.ts';

export type { ReleasePorts } from './release-arm.ts';

/** As the command line gives them. */
export interface ReleaseFlags {
  /** Another service file, whose revision is the candidate. */
  readonly candidate?: string;
  /** Percent of requests for the candidate. */
  readonly weight?: number;
  readonly image?: string;
  readonly candidateImage?: string;
  readonly namespace?: string;
}

export interface Released {
  readonly release: Release;
  /** What to know before it is applied, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads a service, and of its models those that lie here: what a pod pulls or mounts is not looked at. Throws what `readFileAt` and
 * `resolveUri` throw, and `spec_invalid`.
 */
export async function releaseFrom(path: string, flags: ReleaseFlags, ports: ReleasePorts): Promise<Released> {
  const own = await readFileAt(path);
  const other = flags.candidate === undefined ? undefined : await readFileAt(flags.candidate);
  const { written } = own;
  if (other !== undefined) checkPair(own, other);
  const stable = await armOf({ ...own, role: 'stable', image: flags.image }, ports);
  const trial = await candidateOf(own, other, flags, ports);
  if (trial?.arm.deployed.revision.name === stable.arm.deployed.revision.name)
    throw faulty(own.path, 'spec.candidate serves the same as spec: nothing to compare');
  const weight = trial?.arm.weight ?? 0;
  const arms: Release['arms'] = [
    { ...stable.arm, weight: 100 - weight },
    ...(trial === undefined ? [] : [trial.arm]),
  ];
  const { kubernetes } = written.spec;
  const release: Release = {
    name: written.metadata.name,
    namespace: flags.namespace ?? kubernetes.namespace,
    arms,
    fairlead: kubernetes.fairlead ?? ownImageOf(stable.arm),
  };
  return { release, notes: [...new Set([...stable.notes, ...(trial?.notes ?? [])])] };
}

async function candidateOf(
  own: ReadFile,
  other: ReadFile | undefined,
  { weight, candidateImage }: ReleaseFlags,
  ports: ReleasePorts,
): Promise<Made | undefined> {
  const { candidate } = own.written.spec;
  if (other !== undefined) {
    const made = await armOf({ ...other, role: 'stable', image: candidateImage }, ports);
    return { ...made, arm: { ...made.arm, role: 'candidate', weight: weight ?? 0 } };
  }
  if (candidate === undefined) {
    if (weight === undefined && candidateImage === undefined) return undefined;
    throw faulty(own.path, 'spec.candidate is missing: --weight and --candidate-image are of a candidate');
  }
  const made = await armOf({ ...own, role: 'candidate', image: candidateImage }, ports);
  return { ...made, arm: { ...made.arm, weight: weight ?? candidate.weight } };
}

function ownImageOf({ deployed, image }: PodArm): string {
  return foreignKind(deployed.revision.runtime) === undefined ? image : `fairlead:${version}`;
}
