import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { AppError, type Logger } from '#base';
import { plant, rowsOfFour, tree } from '../fixtures/tree.ts';
import { repositorySource } from './source.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function recording(): { readonly logger: Logger; readonly lines: Line[] } {
  const lines: Line[] = [];
  const log: Logger['log'] = (level, message, fields = {}) => void lines.push({ level, message, fields });
  return { logger: { log, enabled: () => true }, lines };
}

test('a model that breaks stays what it was, and goes when it is there no more', async t => {
  const root = tree(t, {
    'a/1/model.onnx': rowsOfFour,
    'b/1/model.onnx': rowsOfFour,
    'c/config.pbtxt': 'nonsense',
  });
  const { logger, lines } = recording();
  const source = repositorySource(root, { logger });
  const versions = async (): Promise<string[]> =>
    (await source.all()).flatMap(one => one.versions.map(({ name, version }) => `${name}:${version}`));
  assert.deepEqual(await versions(), ['a:1', 'b:1']);
  plant(root, { 'a/config.pbtxt': 'max_batch_size: many', 'b/2/model.onnx': rowsOfFour });
  assert.deepEqual(await versions(), ['a:1', 'b:2']);
  assert.deepEqual(await versions(), ['a:1', 'b:2']);
  rmSync(join(root, 'a'), { recursive: true });
  assert.deepEqual(await versions(), ['b:2']);
  assert.deepEqual(
    lines.map(({ level, message, fields }) => [level, message, fields['model']]),
    [
      ['error', 'model not served', 'c'],
      ['error', 'model not served', 'a'],
    ],
  );
});

test('each note is a line of the log, once', async t => {
  const root = tree(t, {
    'a/1/model.onnx': rowsOfFour,
    'a/config.pbtxt': 'metric_tags { key: "k" value: "v" }\nruntime: "lib.so"',
  });
  const { logger, lines } = recording();
  const source = repositorySource(root, { logger });
  await source.all();
  await source.all();
  assert.deepEqual(
    lines.map(({ fields }) => [fields['field'], fields['value'], fields['at']]),
    [
      ['metric_tags["k"]', '"v"', 'config.pbtxt:1'],
      ['runtime', '"lib.so"', 'config.pbtxt:2'],
    ],
  );
});

test('one name is looked up, and said to be broken if it is', async t => {
  const root = tree(t, { 'a/1/model.onnx': rowsOfFour, 'c/config.pbtxt': 'nonsense' });
  const source = repositorySource(root, { logger: recording().logger });
  assert.equal((await source.named('a'))?.versions[0]?.version, '1');
  assert.equal(await source.named('b'), undefined);
  await assert.rejects(
    source.named('c'),
    error =>
      error instanceof AppError &&
      error.code === 'repository_invalid' &&
      error.message.includes('config.pbtxt:1:1'),
  );
});
