/** protobufjs, by way of gRPC's own loader, reads what is written here, and the other way round. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import {
  loadFileDescriptorSetFromBuffer,
  loadSync,
  type MessageTypeDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader';
import fc from 'fast-check';
import { decode, encode } from './codec.ts';
import { descriptorOf } from './descriptor.ts';
import { healthFile } from './health.ts';
import { arbitraryMessage } from './message.arbitrary.ts';
import { inferenceFile } from './oip.ts';
import { declaredIn, isOneof, type ProtoFile, symbolsOf, withImports } from './proto-file.ts';
import { protoText } from './proto-text.ts';
import { reflectionFiles } from './reflection.ts';
import { type Content, type MessageType, message, type Oneof, repeated, type Single } from './schema.ts';
import { modelServiceFile, predictionServiceFile } from './tensorflow-serving.ts';

const files = withImports([
  inferenceFile,
  healthFile,
  predictionServiceFile,
  modelServiceFile,
  ...reflectionFiles,
]);
const messages = files.flatMap(file =>
  declaredIn(file, file.package).filter(type => type.kind === 'message'),
);

const options = { keepCase: true, longs: String, bytes: Buffer, defaults: true, oneofs: true };

/** The peer, from the .proto text of all files. */
function loadText(): PackageDefinition {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-proto-'));
  try {
    for (const file of files) {
      const path = join(folder, file.name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, protoText(file));
    }
    const roots = files.map(({ name }) => name);
    return loadSync(roots, { ...options, includeDirs: [folder] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The peer, from the descriptors of all files. */
function loadDescriptors(of: readonly ProtoFile[]): PackageDefinition {
  const FileDescriptorSet = message('google.protobuf.FileDescriptorSet', { file: [1, repeated('bytes')] });
  return loadFileDescriptorSetFromBuffer(encode(FileDescriptorSet, { file: of.map(descriptorOf) }), options);
}

const byText = loadText();
const byDescriptor = loadDescriptors(files);

test('a peer finds every type and service in the text and in the descriptors', () => {
  // It does not list what is nested, which is met inside what is.
  const names = files.flatMap(file => [...declaredIn(file, file.package), ...file.services].map(nameOf));
  for (const loaded of [byText, byDescriptor]) assert.deepEqual(missing(names, loaded), []);
});

const nameOf = ({ name }: { readonly name: string }): string => name;

function missing(names: readonly string[], loaded: PackageDefinition): string[] {
  return names.filter(name => loaded[name] === undefined);
}

test('every type is declared once', () => {
  const names = files.flatMap(file => symbolsOf(file));
  assert.equal(new Set(names).size, names.length);
});

test('the peer finds the methods, and whether they stream', () => {
  for (const { name, methods } of files.flatMap(({ services }) => services)) {
    for (const loaded of [byText, byDescriptor]) {
      const found = loaded[name] as ServiceDefinition;
      assert.deepEqual(Object.keys(found), Object.keys(methods));
      for (const [method, { requestStream, responseStream }] of Object.entries(methods)) {
        assert.equal(found[method]?.path, `/${name}/${method}`);
        assert.equal(found[method]?.requestStream, requestStream);
        assert.equal(found[method]?.responseStream, responseStream);
      }
    }
  }
});

const peers = [
  { loaded: byText, maps: plainMap, read: hashedMap },
  // protobufjs takes a map from a descriptor for the list of entries that it is on the wire.
  { loaded: byDescriptor, maps: plainEntries, read: plainEntries },
];

for (const type of messages) {
  test(`${type.name}: the peer reads what is written, and what it writes is read`, () => {
    fc.assert(
      fc.property(arbitraryMessage(type), fc.constantFrom(...peers), (value, { loaded, maps, read }) => {
        const peer = loaded[type.name] as MessageTypeDefinition<object, object>;
        assert.deepEqual(peer.deserialize(encode(type, value)), new Plainer(read).message(type, value));
        assert.deepEqual(decode(type, peer.serialize(new Plainer(maps).message(type, value))), value);
      }),
      { numRuns: 50 },
    );
  });
}

type Plain = Record<string, unknown>;
type Entries = readonly (readonly [key: unknown, value: unknown])[];

function plainMap(entries: Entries): unknown {
  return Object.fromEntries(entries.map(([key, value]) => [String(key), value]));
}

/** What protobufjs reads: of a key of 64 bits it makes a text of its bytes, which it would not take for writing. */
function hashedMap(entries: Entries): unknown {
  return Object.fromEntries(entries.map(([key, value]) => [hashed(key), value]));
}

function hashed(key: unknown): string {
  if (typeof key !== 'bigint') return String(key);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, key));
  return bytes.toString('latin1');
}

function plainEntries(entries: Entries): unknown {
  return entries.map(([key, value]) => ({ key: String(key), value }));
}

interface Choice {
  readonly case: string;
  readonly value: unknown;
}

/** Messages as the peer has them: 64-bit integers are text, a oneof is its member and the member's name. */
class Plainer {
  readonly #maps: (entries: Entries) => unknown;

  constructor(maps: (entries: Entries) => unknown) {
    this.#maps = maps;
  }

  message(type: MessageType, value: unknown): Plain {
    const plain: Plain = {};
    for (const [name, entry] of Object.entries(type.fields)) {
      const held = (value as Plain)[name];
      if (!isOneof(entry)) plain[name] = this.#content(entry[1], held);
      else if (held !== undefined) Object.assign(plain, this.#choice(name, entry, held as Choice));
    }
    return plain;
  }

  #choice(name: string, { members }: Oneof, choice: Choice): Plain {
    const [, content] = members[choice.case] ?? [0, 'bool'];
    return { [name]: choice.case, [choice.case]: this.#single(content, choice.value) };
  }

  #content(content: Content, value: unknown): unknown {
    if (value === undefined) return null;
    if (typeof content === 'string') return this.#single(content, value);
    if (content.kind === 'repeated')
      return Array.from(value as Iterable<unknown>, element => this.#element(content.of, element));
    if (content.kind !== 'map') return this.#single(content, value);
    const entries = [...(value as ReadonlyMap<unknown, unknown>)];
    return this.#maps(entries.map(([key, held]) => [key, this.#single(content.value, held)]));
  }

  #element(content: Single, element: unknown): unknown {
    return content === 'bool' ? element === 1 : this.#single(content, element);
  }

  #single(content: Single, value: unknown): unknown {
    if (typeof value === 'bigint') return String(value);
    return typeof content === 'object' && content.kind === 'message' ? this.message(content, value) : value;
  }
}
