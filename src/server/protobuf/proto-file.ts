/** A .proto file as a table: what it declares follows from its services and roots, so that nothing can be forgotten. */
import type { Content, EnumType, Field, Fields, MessageType, Oneof } from './schema.ts';
import type { Service } from './service.ts';

export type Declared = MessageType | EnumType;

export interface ProtoFile {
  /** As others import it: `grpc/health/v1/health.proto`. */
  readonly name: string;
  readonly package: string;
  readonly imports: readonly ProtoFile[];
  readonly services: readonly Service[];
  /** All its messages and enums, each before those nested in it. */
  readonly types: readonly Declared[];
}

interface Declaration {
  readonly package: string;
  readonly imports?: readonly ProtoFile[];
  readonly services?: readonly Service[];
  /** Types that no service of this file has. */
  readonly roots?: readonly Declared[];
}

/** A file with all types that its services and roots lead to and its imports do not have. */
export function protoFile(
  name: string,
  { package: of, imports = [], services = [], roots = [] }: Declaration,
): ProtoFile {
  const asked = services.flatMap(({ methods }) =>
    Object.values(methods).flatMap(({ request, response }) => [request, response]),
  );
  const found = new Set<Declared>();
  const elsewhere = new Set(imports.flatMap(({ types }) => types));
  for (const type of [...asked, ...roots]) collect(type, found, elsewhere);
  return { name, package: of, imports, services, types: [...found] };
}

function collect(type: Declared, found: Set<Declared>, elsewhere: ReadonlySet<Declared>): void {
  if (found.has(type) || elsewhere.has(type)) return;
  found.add(type);
  if (type.kind === 'enum') return;
  for (const { content } of fieldsOf(type.fields)) {
    const named = namedType(content);
    if (named !== undefined) collect(named, found, elsewhere);
  }
}

/** Files and all that they import, each once and behind its imports. */
export function withImports(files: readonly ProtoFile[]): readonly ProtoFile[] {
  const found = new Set<ProtoFile>();
  for (const file of files) {
    for (const one of withImports(file.imports)) found.add(one);
    found.add(file);
  }
  return [...found];
}

/** The full names of what a file declares: services, methods, messages and enums. */
export function symbolsOf({ services, types }: ProtoFile): readonly string[] {
  const called = services.flatMap(({ name, methods }) => [
    name,
    ...Object.keys(methods).map(method => `${name}.${method}`),
  ]);
  return [...called, ...types.map(({ name }) => name)];
}

/** The types declared directly in `scope`, a package or a message. */
export function declaredIn(file: ProtoFile, scope: string): readonly Declared[] {
  return file.types.filter(({ name }) => name.slice(0, name.lastIndexOf('.')) === scope);
}

/** The last part of a name with dots. */
export function simpleName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A field and the oneof it is in, if any. */
export interface NamedField {
  readonly name: string;
  readonly number: number;
  readonly content: Content;
  readonly oneof: string | undefined;
}

/** The fields of a message, those in oneofs too. */
export function fieldsOf(fields: Fields): readonly NamedField[] {
  return Object.entries(fields).flatMap(([name, entry]) =>
    isOneof(entry)
      ? Object.entries(entry.members).map(([member, field]) => place(member, field, name))
      : [place(name, entry, undefined)],
  );
}

function place(name: string, [number, content]: Field, of: string | undefined): NamedField {
  return { name, number, content, oneof: of };
}

export function isOneof(entry: Field | Oneof): entry is Oneof {
  return 'kind' in entry;
}

/** The message or enum that a field holds, or its map's values are. */
function namedType(content: Content): Declared | undefined {
  if (typeof content === 'string') return undefined;
  if (content.kind === 'map') return namedType(content.value);
  return content.kind === 'repeated' ? namedType(content.of) : content;
}
