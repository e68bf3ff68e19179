/** gRPC's server reflection: what services there are, and their descriptors, for `grpcurl` and the like. */
import { failure } from '#base';
import { RpcStatus } from '#net';
import { decode, encodePieces } from '../protobuf/codec.ts';
import { descriptorOf } from '../protobuf/descriptor.ts';
import { fieldsOf, type ProtoFile, symbolsOf, withImports } from '../protobuf/proto-file.ts';
import { reflectionFiles, ServerReflection, ServerReflectionV1alpha } from '../protobuf/reflection.ts';
import type { Decoded, Encodable } from '../protobuf/schema.ts';
import { shown } from '../tensors/shown.ts';
import type { RpcService, RpcSession } from './rpc.ts';

type Method = typeof ServerReflection.methods.ServerReflectionInfo;
type Question = Decoded<Method['request']>;
type Answer = NonNullable<Encodable<Method['response']>['message_response']>;

/** Reflection of files and the services in them, itself among them, in both of its versions. */
export function reflectionServices(files: readonly ProtoFile[]): readonly RpcService[] {
  const index = new Index(withImports([...files, ...reflectionFiles]));
  return [ServerReflection, ServerReflectionV1alpha].map(({ name, methods }) => ({
    name,
    methods: { ServerReflectionInfo: conversation(methods.ServerReflectionInfo, index) },
  }));
}

function conversation({ request, response }: Method, index: Index): RpcSession {
  return {
    kind: 'session',
    open: session => ({
      message(bytes) {
        const question = decode(request, bytes);
        session.send(
          encodePieces(response, {
            valid_host: question.host,
            original_request: question,
            message_response: index.answer(question),
          }),
        );
      },
      ended: () => session.end(),
      closed: () => undefined,
    }),
  };
}

/** Files by name and by what they declare. */
class Index {
  readonly #files: readonly ProtoFile[];
  readonly #bySymbol = new Map<string, ProtoFile>();
  readonly #types = new Set<string>();

  constructor(files: readonly ProtoFile[]) {
    this.#files = files;
    for (const file of files) {
      for (const symbol of [...symbolsOf(file), ...fieldNames(file)]) this.#bySymbol.set(symbol, file);
      for (const { name } of file.types) this.#types.add(name);
    }
  }

  answer({ message_request: asked }: Question): Answer {
    if (asked === undefined) throw failure('message_malformed', { problem: 'the request asks nothing' });
    switch (asked.case) {
      case 'list_services':
        return { case: 'list_services_response', value: { service: this.#services() } };
      case 'file_by_filename':
        return this.#described(
          this.#files.find(({ name }) => name === asked.value),
          asked.value,
        );
      case 'file_containing_symbol':
        return this.#described(this.#bySymbol.get(asked.value), asked.value);
      case 'all_extension_numbers_of_type':
        return this.#extensions(asked.value);
      default:
        // proto3 has no extensions.
        return notFound('there are no extensions here');
    }
  }

  #services(): { name: string }[] {
    return this.#files.flatMap(({ services }) => services.map(({ name }) => ({ name })));
  }

  /** The file and what it imports: a client needs all of them, and asks once. */
  #described(file: ProtoFile | undefined, asked: string): Answer {
    if (file === undefined) return notFound(`there is no '${shown(asked)}' here`);
    const descriptors = withImports([file]).toReversed().map(descriptorOf);
    return { case: 'file_descriptor_response', value: { file_descriptor_proto: descriptors } };
  }

  /** proto3 has none. */
  #extensions(type: string): Answer {
    if (!this.#types.has(type)) return notFound(`there is no message '${shown(type)}' here`);
    return { case: 'all_extension_numbers_response', value: { base_type_name: type, extension_number: [] } };
  }
}

/** The full names of the fields of a file's messages. */
function fieldNames({ types }: ProtoFile): string[] {
  return types.flatMap(type =>
    type.kind === 'message' ? fieldsOf(type.fields).map(({ name }) => `${type.name}.${name}`) : [],
  );
}

function notFound(error_message: string): Answer {
  return { case: 'error_response', value: { error_code: RpcStatus.notFound, error_message } };
}
