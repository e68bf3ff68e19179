/** The rooms under src/, and who may import whom. DESIGN says why; docs/architecture.md shows the same table. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { type Import, imports, root, type Sources, sourcesUnder, tokens } from './source.ts';

/** A room may import itself and these rooms, which are all above it in this table. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  net: ['base'],
  telemetry: ['base'],
  spec: ['base'],
  manifests: ['base', 'spec'],
  kube: ['base'],
  store: ['base', 'spec'],
  image: ['base', 'spec', 'store'],
  server: ['base', 'net', 'telemetry', 'spec', 'store'],
  local: ['base', 'net', 'telemetry', 'spec', 'store'],
  cli: ['base', 'net', 'telemetry', 'spec', 'manifests', 'kube', 'store', 'image', 'server', 'local'],
};

/** Said when the rule is broken, where it might surprise. */
const because: Readonly<Record<string, string>> = {
  'spec > store': 'what a file means is decided without looking at a disk',
  'store > server': 'an artifact is fetched and checked by those who never run it',
  'server > local': 'a model server runs alone in a container, with nobody beside it',
  'local > server':
    'servers are started through the launch contract of spec, as an operator will, so that one file cannot mean two things',
  '* > cli': 'cli wires the rooms together, so nothing can stand on it',
};

/** The native library takes 80 MB and does not load everywhere; only the code that runs a model may need it. */
const NATIVE = /^onnxruntime-/;
const NATIVE_HOME = /^src\/server\/(?:.*\/)?io\//;

/** cli is a program: nobody imports it, so its door is where it starts. */
const doorOf = (room: string): string => `src/${room}/${room === 'cli' ? 'main' : 'index'}.ts`;

/** Every broken rule among the files, one sentence each. */
function violations(files: Sources): string[] {
  const rooms = new Set([...files.keys()].map(roomOf));
  return [...[...rooms].flatMap(room => faultsOfRoom(room, files)), ...[...files].flatMap(faultsOfFile)];
}

/** `src/spec/io/a.ts` lies in `spec`; what lies in no room has the room ''. */
function roomOf(path: string): string {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? '';
}

function faultsOfRoom(room: string, files: Sources): string[] {
  if (room === '') return ['src holds a file outside the rooms'];
  if (mayImport[room] === undefined) return [`src/${room} is not in the table of rooms`];
  const door = files.get(doorOf(room));
  if (door === undefined) return [`${room} has no door: ${doorOf(room)} is not there`];
  return sentenceOf(door) === undefined
    ? [`${doorOf(room)} does not begin with a comment that says what the room is`]
    : [];
}

/** The first sentence of the comment a door begins with: what the room is. */
function sentenceOf(door: string): string | undefined {
  const comment = /^(?:#!.*\n)?\/\*\*?([\s\S]*?)\*\//.exec(door)?.[1];
  const text = comment?.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
  return text === undefined ? undefined : /^.+?\.(?= |$)/.exec(text)?.[0];
}

function faultsOfFile([path, source]: readonly [string, string]): string[] {
  return imports(tokens(source)).flatMap(one => {
    const fault = faultOf(one, path);
    return fault === undefined ? [] : [`${path}:${one.line} ${fault}`];
  });
}

function faultOf({ from }: Import, path: string): string | undefined {
  if (from === undefined) return 'imports a computed name, which nobody can check';
  if (NATIVE.test(from) && !NATIVE_HOME.test(path)) return `imports ${from} outside src/server/**/io`;
  if (from.startsWith('.')) return relativeFault(from, path);
  return from.startsWith('#') ? doorFault(from.slice(1), path) : undefined;
}

function relativeFault(from: string, path: string): string | undefined {
  const target = join(path, '..', from).replaceAll('\\', '/');
  const room = roomOf(target);
  if (room === roomOf(path)) return undefined;
  return room === '' ? `imports ${from}, outside src` : `imports ${from}; enter the room by '#${room}'`;
}

function doorFault(to: string, path: string): string | undefined {
  const room = roomOf(path);
  const [name = ''] = to.split('/');
  if (to !== name) return `imports '#${to}', behind the door; what is to be shared goes in ${doorOf(name)}`;
  // A test may come in by the door, as the room's users do; inside the room that would be a circle.
  if (name === room) return path.endsWith('.test.ts') ? undefined : `imports its own room by '#${room}'`;
  if (mayImport[room]?.includes(name)) return undefined;
  const reason = because[`${room} > ${name}`] ?? because[`* > ${name}`];
  return `imports '#${name}'; ${room} may not${reason === undefined ? '' : `: ${reason}`}`;
}

test('the rooms are those of the table', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true });
  const folders = rooms.filter(entry => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.toSorted(), Object.keys(mayImport).toSorted());
});

test('an import goes up the table only, so there is no circle of rooms', () => {
  const order = Object.keys(mayImport);
  for (const [room, others] of Object.entries(mayImport)) {
    for (const other of others) assert.ok(order.indexOf(other) < order.indexOf(room), `${room} > ${other}`);
  }
});

test('every room keeps the rules', () => {
  const files = sourcesUnder('src');
  assert.ok(files.size > 15, 'the check read nearly nothing');
  assert.deepEqual(violations(files), []);
});

test('docs/architecture.md shows the same rooms, sentences and imports', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \|$/gm)];
  const shown = rows.map(([, room = '', sentence, others]) => [room, sentence, others]);
  const files = sourcesUnder('src');
  const expected = Object.entries(mayImport).map(([room, others]) => [
    room,
    sentenceOf(files.get(doorOf(room)) ?? ''),
    others.length === 0 ? '–' : others.join(', '),
  ]);
  assert.deepEqual(shown, expected);
});

const door = '/** A room. It does nothing. */\n';
const sound: Sources = new Map([
  ['src/base/index.ts', door],
  ['src/spec/index.ts', `${door}import { ok } from '#base';\nexport { a } from './a.ts';\n`],
  ['src/spec/a.ts', "import { z } from 'zod';\nexport const a = z;\n"],
  ['src/spec/a.test.ts', "import { a } from '#spec';\n"],
  ['src/server/index.ts', door],
  ['src/server/runtimes/io/onnx.ts', "await import('onnxruntime-node');\n"],
  ['src/cli/main.ts', `#!/usr/bin/env node\n${door}import { s } from '#server';\n`],
]);

test('sound rooms have no faults', () => assert.deepEqual(violations(sound), []));

const planted: readonly { name: string; path: string; source: string; fault: RegExp }[] = [
  {
    name: 'spec imports server',
    path: 'src/spec/a.ts',
    source: "import { serve } from '#server';",
    fault: /^src\/spec\/a\.ts:1 imports '#server'; spec may not$/,
  },
  {
    name: 'server imports local, with the reason',
    path: 'src/server/a.ts',
    source: "\nimport type { Supervisor } from '#local';",
    fault: /^src\/server\/a\.ts:2 imports '#local'; server may not: a model server runs alone/,
  },
  {
    name: 'a room imports cli',
    path: 'src/spec/a.ts',
    source: "export { main } from '#cli';",
    fault: /spec may not: cli wires/,
  },
  {
    name: 'an import behind a door',
    path: 'src/spec/a.ts',
    source: "import { ok } from '#base/result';",
    fault: /'#base\/result', behind the door; what is to be shared goes in src\/base\/index\.ts/,
  },
  {
    name: 'a relative import across rooms',
    path: 'src/spec/deep/a.ts',
    source: "import { ok } from '../../base/result.ts';",
    fault: /enter the room by '#base'/,
  },
  {
    name: 'a relative import out of src',
    path: 'src/spec/a.ts',
    source: "import { x } from '../../test/source.ts';",
    fault: /outside src/,
  },
  {
    name: 'a room that imports itself by its door',
    path: 'src/spec/b.ts',
    source: "import { a } from '#spec';",
    fault: /imports its own room by '#spec'/,
  },
  {
    name: 'an import at run time',
    path: 'src/spec/a.ts',
    source: "await import('#server');",
    fault: /imports '#server'; spec may not/,
  },
  {
    name: 'a computed import',
    path: 'src/cli/a.ts',
    source: 'await import(name);',
    fault: /imports a computed name/,
  },
  {
    name: 'the native library outside io',
    path: 'src/server/runtimes/onnx.ts',
    source: "import type { Tensor } from 'onnxruntime-node';",
    fault: /imports onnxruntime-node outside/,
  },
  {
    name: 'the native library in another room',
    path: 'src/cli/io/a.ts',
    source: "await import('onnxruntime-node');",
    fault: /imports onnxruntime-node outside/,
  },
  { name: 'a room without a door', path: 'src/local/a.ts', source: '', fault: /^local has no door/ },
  {
    name: 'a door without a sentence',
    path: 'src/spec/index.ts',
    source: "export { a } from './a.ts';",
    fault: /^src\/spec\/index\.ts does not begin with a comment/,
  },
  { name: 'an unknown room', path: 'src/utils/index.ts', source: door, fault: /^src\/utils is not in the/ },
  { name: 'a file in no room', path: 'src/a.ts', source: '', fault: /^src holds a file outside the rooms/ },
];

for (const { name, path, source, fault } of planted) {
  test(`a planted fault is named: ${name}`, () => {
    const found = violations(new Map([...sound, [path, source]]));
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', fault);
  });
}
