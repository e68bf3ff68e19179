import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { digestOfPath } from '#store';
import { folder } from '../fixtures/scratch.ts';
import { digestsOf } from './model-layers.ts';

test('a version beside its configuration is pinned by both, as its server reads them in the image', async t => {
  const here = await folder(t);
  await mkdir(join(here, 'one/1'), { recursive: true });
  await mkdir(join(here, 'one/warmup'));
  await writeFile(join(here, 'one/1/model.onnx'), 'weights');
  await writeFile(join(here, 'one/config.pbtxt'), 'name: "one"');
  await writeFile(join(here, 'one/warmup/data'), 'numbers');
  const whole = await digestOfPath(join(here, 'one'));
  // Which is not packed.
  await mkdir(join(here, 'one/2'));
  await writeFile(join(here, 'one/2/model.onnx'), 'other weights');
  const beside = ['config.pbtxt', 'warmup'].map(name => ({
    from: join(here, 'one', name),
    to: `/models/one/${name}`,
  }));
  const from = join(here, 'one/1');
  const pin = { uri: '/models/one', from, digest: undefined, beside };
  const { byUri, byPath } = await digestsOf([pin], new AbortController().signal);
  assert.equal(byUri.get('/models/one'), whole);
  assert.equal(byPath.get(from), await digestOfPath(from));
});
