import { createHash } from 'node:crypto';
import { stableJson } from './canonical.ts';
import type { ModelService, ModelSource, RuntimeOptions, ServerOptions } from './schema.ts';

/** What a model URI resolved to. */
export interface Artifact {
  /** Where the model lies on this machine: the file to load. */
  readonly path: string;
  /** `sha256:` and 64 hex digits over the model's bytes, its weights in other files among them. */
  readonly digest: string;
  /** The version that the artifact's place tells (a numbered folder), if any. */
  readonly version?: string;
}

/** The model as a server knows it. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
}

/** `stable` serves by default, `candidate` is the one on trial. */
export type Role = 'stable' | 'candidate';

/** An immutable version of everything that decides what a server runs. */
export interface Revision {
  /** `<service>-<8 hex digits of the hash>`. */
  readonly name: string;
  readonly model: ModelIdentity & { readonly artifact: Artifact };
  readonly runtime: RuntimeOptions;
  readonly server: ServerOptions;
}

/** A revision's part in a service: how many servers, and which share of the traffic. */
export interface Arm {
  readonly role: Role;
  readonly revision: Revision;
  readonly replicas: number;
  /** Percent of requests, 0 to 100; the arms of a service add up to 100. */
  readonly weight: number;
}

/** The arms of a service, stable first, once its models are resolved. */
export function armsOf(service: ModelService, artifacts: { stable: Artifact; candidate?: Artifact }): Arm[] {
  const { model, candidate, replicas } = service.spec;
  const stable = revisionOf(service, model, artifacts.stable);
  if (candidate === undefined || artifacts.candidate === undefined) {
    return [{ role: 'stable', revision: stable, replicas, weight: 100 }];
  }
  const trial = revisionOf(service, candidate.model, artifacts.candidate);
  return [
    { role: 'stable', revision: stable, replicas, weight: 100 - candidate.weight },
    { role: 'candidate', revision: trial, replicas: candidate.replicas, weight: candidate.weight },
  ];
}

/**
 * One revision of a service. The hash covers the model's digest and identity, the runtime and the server's options;
 * replicas, scaling, traffic, and where the bytes came from are left out: they change no server.
 */
export function revisionOf(service: ModelService, source: ModelSource, artifact: Artifact): Revision {
  const { runtime, server } = service.spec;
  const version = source.version ?? artifact.version ?? artifact.digest.replace('sha256:', '').slice(0, 8);
  const identity = { name: source.name ?? service.metadata.name, version };
  const hash = createHash('sha256').update(
    stableJson({ ...identity, digest: artifact.digest, runtime, server }),
  );
  return {
    name: `${service.metadata.name}-${hash.digest('hex').slice(0, 8)}`,
    model: { ...identity, artifact },
    runtime,
    server,
  };
}
