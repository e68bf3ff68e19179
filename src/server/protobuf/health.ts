/** gRPC's health checking protocol. Source: grpc/health/v1/health.proto. */
import { protoFile } from './proto-file.ts';
import { enumeration, map, message } from './schema.ts';
import { serverStream, service, unary } from './service.ts';

export const ServingStatus = enumeration('grpc.health.v1.HealthCheckResponse.ServingStatus', {
  UNKNOWN: 0,
  SERVING: 1,
  NOT_SERVING: 2,
  /** Only `Watch` answers this. */
  SERVICE_UNKNOWN: 3,
});

const HealthCheckRequest = message('grpc.health.v1.HealthCheckRequest', { service: [1, 'string'] });

const HealthCheckResponse = message('grpc.health.v1.HealthCheckResponse', { status: [1, ServingStatus] });

const HealthListRequest = message('grpc.health.v1.HealthListRequest', {});

const HealthListResponse = message('grpc.health.v1.HealthListResponse', {
  statuses: [1, map('string', HealthCheckResponse)],
});

export const Health = service('grpc.health.v1.Health', {
  Check: unary(HealthCheckRequest, HealthCheckResponse),
  List: unary(HealthListRequest, HealthListResponse),
  Watch: serverStream(HealthCheckRequest, HealthCheckResponse),
});

export const healthFile = protoFile('grpc/health/v1/health.proto', {
  package: 'grpc.health.v1',
  services: [Health],
});
