/** The messages of `grpc.health.v1.Health` (grpc/health/v1/health.proto), written by hand: each has one field. */
import { skim } from './skim.ts';

/** HealthCheckResponse.ServingStatus. */
export const Serving = { yes: 1, no: 2, serviceUnknown: 3 } as const;
export type Serving = (typeof Serving)[keyof typeof Serving];

/** Services whose health is asked for by name; '' is the gateway as a whole. None is well without the others. */
const SERVICES: readonly string[] = [
  '',
  'inference.GRPCInferenceService',
  'tensorflow.serving.PredictionService',
  'tensorflow.serving.ModelService',
];

/** The service that a HealthCheckRequest names. */
export function serviceOf(message: Buffer): string {
  return skim(message).first?.toString('utf8') ?? '';
}

export function isService(name: string): boolean {
  return SERVICES.includes(name);
}

/** A HealthCheckResponse. */
export function statusMessage(status: Serving): Uint8Array {
  return Uint8Array.of(0x08, status);
}

/** A HealthListResponse: every service, with the one status. Names are short, so that lengths are one byte each. */
export function listMessage(status: Serving): Uint8Array {
  return Buffer.concat(SERVICES.map(name => delimited(1, entry(name, status))));
}

function entry(name: string, status: Serving): Uint8Array {
  return Buffer.concat([delimited(1, Buffer.from(name)), delimited(2, statusMessage(status))]);
}

function delimited(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of((number << 3) | 2, bytes.length), bytes]);
}
