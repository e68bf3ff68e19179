/** Where the servers of a revision are asked: the ports of its Service, and what it offers by gRPC. */
import { foreignKind } from '#spec';
import { grpcPort } from '../pod/ports.ts';
import type { PodArm, Release } from '../release.ts';

/** Of every Service of revisions, for HTTP. */
export const HTTP_PORT = 80;

export type Protocol = 'http' | 'grpc';

/** The port of its Service; undefined where it speaks no gRPC. */
export function servicePort(arm: PodArm, protocol: Protocol): number | undefined {
  return protocol === 'http' ? HTTP_PORT : grpcPort(arm);
}

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
