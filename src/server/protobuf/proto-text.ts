/** Protobuf files as text, for people and for those who generate clients from it. */
import { declaredIn, isOneof, type ProtoFile, simpleName } from './proto-file.ts';
import type { Content, EnumType, Field, MessageType, Oneof } from './schema.ts';
import type { Method, Service } from './service.ts';

export function protoText(file: ProtoFile): string {
  const parts = [
    'syntax = "proto3";',
    `package ${file.package};`,
    file.imports.map(({ name }) => `import "${name}";`).join('\n'),
    ...file.services.map(service => serviceText(file, service)),
    ...declarations(file, file.package).map(lines => lines.join('\n')),
  ];
  return `${parts.filter(part => part !== '').join('\n\n')}\n`;
}

/** What a package or message declares, each as its lines. */
function declarations(file: ProtoFile, scope: string): readonly (readonly string[])[] {
  return declaredIn(file, scope).map(type =>
    type.kind === 'enum' ? enumLines(type) : messageLines(file, type),
  );
}

function enumLines({ name, values }: EnumType): readonly string[] {
  return block(
    `enum ${simpleName(name)}`,
    Object.entries(values).map(([word, number]) => `${word} = ${number};`),
  );
}

function messageLines(file: ProtoFile, { name, fields }: MessageType): readonly string[] {
  const nested = declarations(file, name).flat();
  const scopes = [name, file.package];
  const own = Object.entries(fields).flatMap(([field, entry]) => entryLines(scopes, field, entry));
  return block(`message ${simpleName(name)}`, [...nested, ...own]);
}

function entryLines(scopes: readonly string[], name: string, entry: Field | Oneof): readonly string[] {
  if (!isOneof(entry)) return [fieldLine(scopes, name, entry)];
  const members = Object.entries(entry.members);
  return block(
    `oneof ${name}`,
    members.map(([member, field]) => fieldLine(scopes, member, field)),
  );
}

function fieldLine(scopes: readonly string[], name: string, [number, content]: Field): string {
  return `${contentText(scopes, content)} ${name} = ${number};`;
}

function contentText(scopes: readonly string[], content: Content): string {
  if (typeof content === 'string') return content;
  if (content.kind === 'map') return `map<${content.key}, ${contentText(scopes, content.value)}>`;
  if (content.kind === 'repeated') return `repeated ${contentText(scopes, content.of)}`;
  return nameIn(scopes, content.name);
}

/** A name as it may be written in scopes, the innermost first. */
function nameIn(scopes: readonly string[], name: string): string {
  const scope = scopes.find(one => name.startsWith(`${one}.`));
  return scope === undefined ? name : name.slice(scope.length + 1);
}

function serviceText(file: ProtoFile, { name, methods }: Service): string {
  const lines = Object.entries(methods).map(([method, form]) => methodLine(file, method, form));
  return block(`service ${simpleName(name)}`, lines).join('\n');
}

function methodLine(file: ProtoFile, name: string, method: Method): string {
  const request = `${method.requestStream ? 'stream ' : ''}${nameIn([file.package], method.request.name)}`;
  const response = `${method.responseStream ? 'stream ' : ''}${nameIn([file.package], method.response.name)}`;
  return `rpc ${name}(${request}) returns (${response});`;
}

function block(head: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [`${head} {}`];
  return [`${head} {`, ...lines.map(line => `  ${line}`), '}'];
}
