/**
 * gRPC's server reflection, whose two versions differ by name only. Sources: grpc/reflection/v1/reflection.proto and
 * grpc/reflection/v1alpha/reflection.proto.
 */
import { type ProtoFile, protoFile } from './proto-file.ts';
import { message, oneof, repeated } from './schema.ts';
import { duplex, service } from './service.ts';

/** The same messages in one package or the other. */
function reflectionOf(of: string) {
  const ExtensionRequest = message(`${of}.ExtensionRequest`, {
    containing_type: [1, 'string'],
    extension_number: [2, 'int32'],
  });
  const ServerReflectionRequest = message(`${of}.ServerReflectionRequest`, {
    host: [1, 'string'],
    message_request: oneof({
      file_by_filename: [3, 'string'],
      file_containing_symbol: [4, 'string'],
      file_containing_extension: [5, ExtensionRequest],
      all_extension_numbers_of_type: [6, 'string'],
      list_services: [7, 'string'],
    }),
  });
  const FileDescriptorResponse = message(`${of}.FileDescriptorResponse`, {
    file_descriptor_proto: [1, repeated('bytes')],
  });
  const ExtensionNumberResponse = message(`${of}.ExtensionNumberResponse`, {
    base_type_name: [1, 'string'],
    extension_number: [2, repeated('int32')],
  });
  const ServiceResponse = message(`${of}.ServiceResponse`, { name: [1, 'string'] });
  const ListServiceResponse = message(`${of}.ListServiceResponse`, {
    service: [1, repeated(ServiceResponse)],
  });
  /** `error_code` is a gRPC status. */
  const ErrorResponse = message(`${of}.ErrorResponse`, {
    error_code: [1, 'int32'],
    error_message: [2, 'string'],
  });
  const ServerReflectionResponse = message(`${of}.ServerReflectionResponse`, {
    valid_host: [1, 'string'],
    original_request: [2, ServerReflectionRequest],
    message_response: oneof({
      file_descriptor_response: [4, FileDescriptorResponse],
      all_extension_numbers_response: [5, ExtensionNumberResponse],
      list_services_response: [6, ListServiceResponse],
      error_response: [7, ErrorResponse],
    }),
  });
  return service(`${of}.ServerReflection`, {
    ServerReflectionInfo: duplex(ServerReflectionRequest, ServerReflectionResponse),
  });
}

export const ServerReflection = reflectionOf('grpc.reflection.v1');
export const ServerReflectionV1alpha = reflectionOf('grpc.reflection.v1alpha');

export const reflectionFiles: readonly ProtoFile[] = [
  protoFile('grpc/reflection/v1/reflection.proto', {
    package: 'grpc.reflection.v1',
    services: [ServerReflection],
  }),
  protoFile('grpc/reflection/v1alpha/reflection.proto', {
    package: 'grpc.reflection.v1alpha',
    services: [ServerReflectionV1alpha],
  }),
];
