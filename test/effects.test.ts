/**
 * Outside io/ and cli, code is pure: what it is given decides what it answers. So it takes no time, chance, environment,
 * timers, sockets or files of its own; they come in through ports.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Import, imports, type Sources, sourcesUnder, type Token, tokens } from './source.ts';

/** Modules that only compute. What is not here is refused, so that a new dependency is a decision. */
const PURE_MODULES: readonly string[] = [
  '@sigstore/bundle',
  '@sigstore/protobuf-specs',
  '@sigstore/verify',
  'node:buffer',
  'node:crypto',
  'node:path',
  'node:string_decoder',
  'node:util',
  'picomatch',
  'yaml',
  'zod',
];

/** Of node:crypto, what does not draw random numbers. */
const PURE_CRYPTO: readonly string[] = [
  'createHash',
  'createHmac',
  'createVerify',
  'hash',
  'timingSafeEqual',
  'verify',
  'X509Certificate',
];

/** What reaches outside, as it begins: tokens with a space between, strings as ''. */
const EFFECTS: readonly (readonly [string, RegExp])[] = [
  // `new Date(0)` computes; without an argument it reads the clock.
  ['the clock', /^(?:new Date (?:\( \)|[^(])|Date (?:\(|\. now\b)|performance\b)/],
  ['a timer', /^(?:(?:set|clear)(?:Timeout|Interval|Immediate)|AbortSignal \. timeout|Atomics \. wait)\b/],
  ['randomness', /^(?:Math \. random|crypto)\b/],
  ['the process or its environment', /^process\b/],
  ['the network', /^(?:fetch|WebSocket|EventSource)\b/],
  ['other threads', /^(?:BroadcastChannel|MessageChannel)\b/],
  ['output', /^console\b/],
  ['every global', /^globalThis\b/],
];

/** Every effect in a place that should have none, one sentence each. */
function effects(files: Sources): string[] {
  const pure = [...files].filter(([path]) => isPure(path));
  return pure.flatMap(([path, source]) => effectsOf(path, tokens(source), files));
}

function isPure(path: string): boolean {
  const isTest = /\.(?:test|cases|arbitrary)\.ts$|\/fixtures\//.test(path);
  return !isTest && !path.includes('/io/') && !path.startsWith('src/cli/');
}

function effectsOf(path: string, found: readonly Token[], files: Sources): string[] {
  const imported = imports(found).flatMap(one => {
    const what = impureImport(one, path, files);
    return what === undefined ? [] : [`${path}:${one.line} imports ${what}`];
  });
  const used = found.flatMap((token, index) => {
    const what = token.kind === 'word' ? effectAt(found, index) : undefined;
    return what === undefined ? [] : [`${path}:${token.line} uses ${what}`];
  });
  return [...imported, ...used];
}

function impureImport({ from, names, typeOnly }: Import, path: string, files: Sources): string | undefined {
  if (from === undefined) return 'a computed name';
  if (typeOnly) return undefined;
  // A door may: it hands on, and calls nothing.
  if (from.startsWith('.')) return from.includes('/io/') && !isDoor(path) ? from : undefined;
  if (from.startsWith('#')) {
    const passed = effectful(from.slice(1), files);
    return names === undefined ? passed[0] : names.find(name => passed.includes(name));
  }
  if (!PURE_MODULES.includes(from)) return from;
  const isDrawn = from === 'node:crypto' && !names?.every(name => PURE_CRYPTO.includes(name));
  return isDrawn ? `more of node:crypto than ${PURE_CRYPTO.join(', ')}` : undefined;
}

const isDoor = (path: string): boolean => /^src\/[^/]+\/index\.ts$/.test(path);

/** What a room's door hands on from its io/. */
function effectful(room: string, files: Sources): string[] {
  const passed = imports(tokens(files.get(`src/${room}/index.ts`) ?? ''));
  return passed.filter(one => !one.typeOnly && one.from?.startsWith('./io/')).flatMap(one => one.names ?? []);
}

function effectAt(found: readonly Token[], index: number): string | undefined {
  const before = found[index - 1]?.text;
  const written = found.slice(index, index + 4).map(({ kind, text }) => (kind === 'string' ? "''" : text));
  const code = written.join(' ');
  // `queue.process()` and `{ process?: … }` are names of ours; the Date of `new Date` was looked at with its `new`.
  const isOurs =
    before === '.' || /^\w+ (?:\? )?:/.test(code) || (before === 'new' && code.startsWith('Date '));
  return isOurs ? undefined : EFFECTS.find(([, shape]) => shape.test(code))?.[0];
}

test('what is not under io/ or in cli has no effects', () => {
  const files = sourcesUnder('src');
  assert.ok([...files.keys()].filter(isPure).length > 10, 'the check read nearly nothing');
  assert.deepEqual(effects(files), []);
});

const planted: readonly { name: string; source: string; fault: RegExp }[] = [
  { name: 'the clock', source: 'const a = Date.now();', fault: /uses the clock$/ },
  { name: 'the date of today', source: 'const a = new Date();', fault: /uses the clock$/ },
  { name: 'the date of today, bare', source: 'const a = new Date;', fault: /uses the clock$/ },
  { name: 'the date as text', source: 'const a = Date();', fault: /uses the clock$/ },
  { name: 'durations', source: 'const a = performance.now();', fault: /uses the clock$/ },
  { name: 'chance', source: 'const a = Math.random();', fault: /uses randomness$/ },
  { name: 'unique names', source: 'const a = crypto.randomUUID();', fault: /uses randomness$/ },
  {
    name: 'the environment',
    source: 'const a = process.env;',
    fault: /uses the process or its environment$/,
  },
  {
    name: 'the environment in a template',
    source: 'const a = `${process.env["A"]}`;',
    fault: /uses the process or its environment$/,
  },
  { name: 'signals', source: "process.on('SIGTERM', stop);", fault: /uses the process or its environment$/ },
  { name: 'a timer', source: 'setTimeout(run, 5);', fault: /uses a timer$/ },
  { name: 'a timer handed on', source: 'export const later = setTimeout;', fault: /uses a timer$/ },
  { name: 'a timer by a signal', source: 'AbortSignal.timeout(5);', fault: /uses a timer$/ },
  { name: 'a turn of the event loop', source: 'setImmediate(run);', fault: /uses a timer$/ },
  { name: 'the network', source: "await fetch('http://localhost');", fault: /uses the network$/ },
  { name: 'output', source: "console.error('no');", fault: /uses output$/ },
  { name: 'a way round', source: "globalThis['fetch']('x');", fault: /uses every global$/ },
  { name: 'files', source: "import { readFileSync } from 'node:fs';", fault: /imports node:fs$/ },
  {
    name: 'files, as promises',
    source: "import { stat } from 'node:fs/promises';",
    fault: /imports node:fs/,
  },
  { name: 'sockets', source: "import net from 'node:net';", fault: /imports node:net$/ },
  { name: 'a server', source: "import { createServer } from 'node:http';", fault: /imports node:http$/ },
  {
    name: 'a class among types',
    source: "import { type Server } from 'node:http';",
    fault: /imports node:http$/,
  },
  { name: 'a module by its old name', source: "import fs from 'fs';", fault: /imports fs$/ },
  { name: 'processes', source: "import { spawn } from 'node:child_process';", fault: /node:child_process$/ },
  { name: 'threads', source: "import { Worker } from 'node:worker_threads';", fault: /node:worker_threads$/ },
  { name: 'names of hosts', source: "import { lookup } from 'node:dns';", fault: /imports node:dns$/ },
  { name: 'files, at run time', source: "await import('node:fs');", fault: /imports node:fs$/ },
  {
    name: 'random bytes',
    source: "import { randomBytes } from 'node:crypto';",
    fault: /more of node:crypto/,
  },
  {
    name: 'all of node:crypto',
    source: "import * as hashes from 'node:crypto';",
    fault: /more of node:crypto/,
  },
  { name: 'a package nobody vouched for', source: "import axios from 'axios';", fault: /imports axios$/ },
  { name: 'the io/ of its room', source: "import { b } from './io/b.ts';", fault: /imports \.\/io\/b\.ts$/ },
  {
    name: 'the io/ of another room',
    source: "import { systemClock } from '#base';",
    fault: /imports systemClock$/,
  },
  { name: 'all of another room', source: "import * as base from '#base';", fault: /imports systemClock$/ },
];

const others: Sources = new Map([
  ['src/base/index.ts', "export { systemClock, type Wall } from './io/system.ts';"],
]);

for (const { name, source, fault } of planted) {
  test(`a planted effect is named: ${name}`, () => {
    const found = effects(new Map([...others, ['src/spec/a.ts', `\n${source}`]]));
    assert.equal(new Set(found).size, 1, found.join('\n'));
    assert.match(found[0] ?? '', fault);
    assert.match(found[0] ?? '', /^src\/spec\/a\.ts:2 /);
  });
}

const allowed: readonly { name: string; path?: string; source: string }[] = [
  { name: 'a hash', source: "import { createHash } from 'node:crypto';" },
  { name: 'a path', source: "import { join } from 'node:path';" },
  { name: 'a type of an effect', source: "import type { Server } from 'node:http';" },
  { name: 'a type of its own io/', source: "import type { B } from './io/b.ts';" },
  { name: 'a port', source: "import type { Clock } from '#base';\nconst a = (c: Clock) => c.now();" },
  { name: 'a type from a door that has effects', source: "import { type Wall, ok } from '#base';" },
  { name: 'a given date', source: 'const a = new Date(0);' },
  { name: 'a member of that name', source: 'queue.process(); store.fetch(a); clock.performance;' },
  { name: 'a key of that name', source: 'const a = { process: 1 }; interface B { fetch?: string }' },
  { name: 'a comment about it', source: '// Date.now() is not used here: setTimeout neither' },
  { name: 'a message about it', source: 'const a = `process.env and ${b} fetch(c)`;' },
  { name: 'arithmetic', source: 'const a = Math.max(1, 2);' },
  { name: 'anything in io/', path: 'src/spec/io/a.ts', source: 'process.exit(Date.now());' },
  { name: 'anything in cli', path: 'src/cli/a.ts', source: 'process.exit(Date.now());' },
  { name: 'anything in a test', path: 'src/spec/a.test.ts', source: 'process.exit(Date.now());' },
  { name: 'anything in cases of a port', path: 'src/spec/a.cases.ts', source: 'process.exit(Date.now());' },
];

for (const { name, path = 'src/spec/a.ts', source } of allowed) {
  test(`it is no effect: ${name}`, () => {
    assert.deepEqual(effects(new Map([...others, [path, source]])), []);
  });
}
