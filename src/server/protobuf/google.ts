/** Messages of package google.protobuf that others hold. Sources: google/protobuf/any.proto and wrappers.proto. */
import { protoFile } from './proto-file.ts';
import { message } from './schema.ts';

/** A message of any type: `type_url` ends with `/` and the type's name, `value` is its bytes. */
export const Any = message('google.protobuf.Any', { type_url: [1, 'string'], value: [2, 'bytes'] });

export const Int64Value = message('google.protobuf.Int64Value', { value: [1, 'int64'] });

export const anyFile = protoFile('google/protobuf/any.proto', { package: 'google.protobuf', roots: [Any] });

/** The wrappers file with the one wrapper that is used here. */
export const wrappersFile = protoFile('google/protobuf/wrappers.proto', {
  package: 'google.protobuf',
  roots: [Int64Value],
});
