import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { gathered, signal } from '../fixtures/layer-entries.ts';
import { dateOf, imageAnnotations, layerAnnotations } from './annotations.ts';
import { blobOf } from './documents.ts';
import { jsonBytes } from './json.ts';
import { readConfig } from './read-config.ts';

test('a document is the same bytes in whatever order its keys were written', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, one]) => [key, reversed(one)]),
    );
  };
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), value => {
      const bytes = jsonBytes(value);
      assert.deepEqual(jsonBytes(reversed(value) as object), bytes);
      assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('a blob in memory is read from any place on', async () => {
  const blob = blobOf('text/plain', Buffer.from('abc'));
  for (const [start, text] of [
    [0, 'abc'],
    [2, 'c'],
    [3, ''],
  ] as const)
    assert.equal((await gathered(blob.open(start, signal()))).toString(), text);
});

test('times are those of RFC 3339, without parts of seconds', () => {
  assert.equal(dateOf(0), '1970-01-01T00:00:00Z');
  assert.equal(dateOf(0o77777777777), '2242-03-16T12:56:31Z');
});

test('what a recipe says of an image stands, also where it says the time', () => {
  const base = { registry: 'r', repository: 'a/b', digest: `sha256:${'0'.repeat(64)}` };
  const said = imageAnnotations(
    { 'org.opencontainers.image.created': 'then', a: 'b' },
    { base, digest: 'd', epoch: 0 },
  );
  assert.deepEqual(said, {
    'org.opencontainers.image.created': 'then',
    'org.opencontainers.image.base.name': 'r/a/b',
    'org.opencontainers.image.base.digest': 'd',
    a: 'b',
  });
});

test('a layer has no title of the OCI, as files of artifacts have', () => {
  const annotations = layerAnnotations({ role: 'program', title: 'fairlead 1' });
  assert.deepEqual(annotations, {
    'dev.fairlead.layer.role': 'program',
    'dev.fairlead.layer.title': 'fairlead 1',
  });
});

const configs: readonly { name: string; text: string; problem: RegExp }[] = [
  { name: 'no JSON', text: '{', problem: /is no JSON/ },
  { name: 'a list', text: '[]', problem: /broken at its top/ },
  { name: 'no layers', text: '{"os":"linux","architecture":"amd64"}', problem: /broken at rootfs/ },
  {
    name: 'a layer that is no digest',
    text: '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["../a"]}}',
    problem: /rootfs\.diff_ids\.0: is no SHA-256 digest/,
  },
  {
    name: 'a variable that is a number',
    text: '{"os":"linux","architecture":"amd64","config":{"Env":[1]},"rootfs":{"type":"layers","diff_ids":[]}}',
    problem: /broken at config\.Env\.0/,
  },
];

for (const { name, text, problem } of configs)
  test(`a configuration that is ${name} is refused`, () => {
    const read = readConfig(Buffer.from(text));
    assert.ok(!read.ok);
    assert.match(read.error, problem);
  });

test('a configuration may say nothing as Go does, and what else it says is kept', () => {
  const value = {
    os: 'linux',
    architecture: 'arm64',
    config: { Env: null, Cmd: ['a'], Shell: ['sh'] },
    rootfs: { type: 'layers', diff_ids: [] },
    history: null,
    'os.version': '1',
  };
  const read = readConfig(Buffer.from(JSON.stringify(value)));
  assert.deepEqual(read, {
    ok: true,
    value: {
      os: 'linux',
      architecture: 'arm64',
      config: { Cmd: ['a'], Shell: ['sh'] },
      rootfs: { type: 'layers', diff_ids: [] },
      'os.version': '1',
    },
  });
});
