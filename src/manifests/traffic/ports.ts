/** Where the servers of a revision are asked: the ports of its Service, and what it offers by gRPC. */
import { foreignKind, ports } from '#spec';
import type { PodArm, Release } from '../release.ts';

/** Of every Service of revisions, for HTTP. */
export const HTTP_PORT = 80;

export type Protocol = 'http' | 'grpc';

/** The port of its Service; undefined where it speaks no gRPC. */
export function servicePort(arm: PodArm, protocol: Protocol): number | undefined {
  return protocol === 'http' ? HTTP_PORT : grpcPort(arm);
}

/** Of a pod, and the same of its Service. */
export function grpcPort({ launch: { listening } }: PodArm): number | undefined {
  if (listening.kind === 'told') return listening.grpc;
  return listening.grpc ? OWN_GRPC : undefined;
}

/** Of a pod. */
export function httpPort({ launch: { listening } }: PodArm): number {
  return listening.kind === 'told' ? listening.http : OWN_HTTP;
}

const { port: OWN_HTTP, grpcPort: OWN_GRPC } = ports.own;

const oip = ['inference.GRPCInferenceService'];
const serving = ['tensorflow.serving.PredictionService', 'tensorflow.serving.ModelService'];
const health = ['grpc.health.v1.Health'];
const reflection = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/** The services of gRPC that its servers have, as routes name them; none where they are not known. */
export function grpcServices({ arms: [stable] }: Release): readonly string[] {
  if (grpcPort(stable) === undefined) return [];
  const { runtime } = stable.service.spec;
  const kind = foreignKind(runtime);
  if (kind === undefined) return [...oip, ...serving, ...health, ...reflection];
  if (kind === 'triton') return [...oip, ...health];
  if (kind === 'tensorflowServing') return [...serving, ...health];
  const { protocol } = runtime.custom ?? {};
  if (protocol === 'v2') return [...oip, ...health];
  return protocol === 'tfserving' ? [...serving, ...health] : [];
}
