/**
 * Descriptors: protobuf files as protobuf messages, which server reflection sends. Source: google/protobuf/descriptor.proto.
 * That file is proto2, where a field is written whenever it was set, 0 or not: such fields are oneofs of one member here.
 */
import { encode } from './codec.ts';
import { declaredIn, fieldsOf, isOneof, type NamedField, type ProtoFile, simpleName } from './proto-file.ts';
import {
  type Content,
  type Encodable,
  type EnumType,
  type MapOf,
  type MessageType,
  message,
  oneof,
  repeated,
  type Single,
} from './schema.ts';
import type { Service } from './service.ts';

const FieldDescriptorProto = message('google.protobuf.FieldDescriptorProto', {
  name: [1, 'string'],
  number: [3, 'int32'],
  label: [4, 'int32'],
  type: [5, 'int32'],
  type_name: [6, 'string'],
  set_oneof_index: oneof({ oneof_index: [9, 'int32'] }),
});

const OneofDescriptorProto = message('google.protobuf.OneofDescriptorProto', { name: [1, 'string'] });

const EnumValueDescriptorProto = message('google.protobuf.EnumValueDescriptorProto', {
  name: [1, 'string'],
  set_number: oneof({ number: [2, 'int32'] }),
});

const EnumDescriptorProto = message('google.protobuf.EnumDescriptorProto', {
  name: [1, 'string'],
  value: [2, repeated(EnumValueDescriptorProto)],
});

const MessageOptions = message('google.protobuf.MessageOptions', { map_entry: [7, 'bool'] });

/** Nested messages are encoded before the ones around them: on the wire a message is its bytes. */
const DescriptorProto = message('google.protobuf.DescriptorProto', {
  name: [1, 'string'],
  field: [2, repeated(FieldDescriptorProto)],
  nested_type: [3, repeated('bytes')],
  enum_type: [4, repeated(EnumDescriptorProto)],
  options: [7, MessageOptions],
  oneof_decl: [8, repeated(OneofDescriptorProto)],
});

const MethodDescriptorProto = message('google.protobuf.MethodDescriptorProto', {
  name: [1, 'string'],
  input_type: [2, 'string'],
  output_type: [3, 'string'],
  client_streaming: [5, 'bool'],
  server_streaming: [6, 'bool'],
});

const ServiceDescriptorProto = message('google.protobuf.ServiceDescriptorProto', {
  name: [1, 'string'],
  method: [2, repeated(MethodDescriptorProto)],
});

const FileDescriptorProto = message('google.protobuf.FileDescriptorProto', {
  name: [1, 'string'],
  package: [2, 'string'],
  dependency: [3, repeated('string')],
  message_type: [4, repeated('bytes')],
  enum_type: [5, repeated(EnumDescriptorProto)],
  service: [6, repeated(ServiceDescriptorProto)],
  syntax: [12, 'string'],
});

/** FieldDescriptorProto.Type. */
const TYPES = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  bool: 8,
  string: 9,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
} as const;

/** FieldDescriptorProto.Label. */
const OPTIONAL = 1;
const REPEATED = 3;

/** A file as an encoded FileDescriptorProto. */
export function descriptorOf(file: ProtoFile): Buffer {
  return encode(FileDescriptorProto, {
    name: file.name,
    package: file.package,
    dependency: file.imports.map(({ name }) => name),
    ...declarationsIn(file, file.package),
    service: file.services.map(serviceDescriptor),
    syntax: 'proto3',
  });
}

function declarationsIn(file: ProtoFile, scope: string): { message_type: Buffer[]; enum_type: EnumForm[] } {
  const types = declaredIn(file, scope);
  return {
    message_type: types.filter(type => type.kind === 'message').map(type => messageDescriptor(file, type)),
    enum_type: types.filter(type => type.kind === 'enum').map(enumDescriptor),
  };
}

type EnumForm = Encodable<typeof EnumDescriptorProto>;
type FieldForm = Encodable<typeof FieldDescriptorProto>;

function enumDescriptor({ name, values }: EnumType): EnumForm {
  const value = Object.entries(values).map(([word, number]) => ({
    name: word,
    set_number: { case: 'number', value: number } as const,
  }));
  return { name: simpleName(name), value };
}

function messageDescriptor(file: ProtoFile, type: MessageType): Buffer {
  const { message_type: nested, enum_type } = declarationsIn(file, type.name);
  const fields = fieldsOf(type.fields);
  const oneofs = Object.keys(type.fields).filter(name => isOneof(type.fields[name] ?? [0, 'bool']));
  return encode(DescriptorProto, {
    name: simpleName(type.name),
    field: fields.map(field => fieldDescriptor(type, field, oneofs)),
    nested_type: [...nested, ...fields.flatMap(mapEntry)],
    enum_type,
    oneof_decl: oneofs.map(name => ({ name })),
  });
}

function fieldDescriptor(type: MessageType, field: NamedField, oneofs: readonly string[]): FieldForm {
  const { name, number, content } = field;
  const form = { name, number, ...contentDescriptor(content, `.${type.name}.${entryName(name)}`) };
  if (field.oneof === undefined) return form;
  return { ...form, set_oneof_index: { case: 'oneof_index', value: oneofs.indexOf(field.oneof) } };
}

function contentDescriptor(content: Content, entry: string): FieldForm {
  if (typeof content === 'object' && content.kind === 'map')
    return { label: REPEATED, type: TYPES.message, type_name: entry };
  if (typeof content === 'object' && content.kind === 'repeated')
    return { label: REPEATED, ...singleDescriptor(content.of) };
  return { label: OPTIONAL, ...singleDescriptor(content) };
}

function singleDescriptor(content: Single): FieldForm {
  if (typeof content === 'string') return { type: TYPES[content] };
  return { type: TYPES[content.kind], type_name: `.${content.name}` };
}

/** A map is a repeated message of this name, as protoc has it: `metric_tags` → `MetricTagsEntry`. */
function entryName(field: string): string {
  return `${field.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())}Entry`;
}

function mapEntry({ name, content }: NamedField): Buffer[] {
  if (typeof content === 'string' || content.kind !== 'map') return [];
  return [encode(DescriptorProto, entryDescriptor(name, content))];
}

function entryDescriptor(name: string, { key, value }: MapOf): Encodable<typeof DescriptorProto> {
  const field = [
    { name: 'key', number: 1, label: OPTIONAL, ...singleDescriptor(key) },
    { name: 'value', number: 2, label: OPTIONAL, ...singleDescriptor(value) },
  ];
  return { name: entryName(name), field, options: { map_entry: true } };
}

function serviceDescriptor({ name, methods }: Service): Encodable<typeof ServiceDescriptorProto> {
  const method = Object.entries(methods).map(([word, { request, response, ...streams }]) => ({
    name: word,
    input_type: `.${request.name}`,
    output_type: `.${response.name}`,
    client_streaming: streams.requestStream,
    server_streaming: streams.responseStream,
  }));
  return { name: simpleName(name), method };
}
