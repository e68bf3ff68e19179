import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { type DockerContext, dockerContext } from '../docker/context.ts';
import { plain } from '../docker/fixtures/plain-recipe.ts';
import type { LayerEntry } from '../layer-entry.ts';
import { platforms } from '../platform.ts';
import { type ContextOptions, writeContext } from './write-context.ts';

const place = mkdtempSync(join(tmpdir(), 'fairlead-context-'));
after(() => rmSync(place, { recursive: true }));

const folder = join(place, 'context');
const model = join(place, 'model.onnx');
const EPOCH = 1_700_000_000;

const options: ContextOptions = {
  epoch: EPOCH,
  random: { next: () => 0.5 },
  signal: new AbortController().signal,
};

beforeEach(() => {
  for (const name of readdirSync(place)) rmSync(join(place, name), { recursive: true });
  writeFileSync(model, 'weights', { mode: 0o600 });
});

const entries: readonly LayerEntry[] = [
  { kind: 'folder', path: 'models/d' },
  { kind: 'file', path: 'models/d/model.onnx', from: model },
  { kind: 'file', path: 'models/d/of its own/$x', from: Buffer.from('bytes'), isProgram: true },
  { kind: 'link', path: 'models/d/link', target: '../elsewhere' },
  { kind: 'folder', path: 'models/empty' },
];

const context: DockerContext = {
  ...contextOf(),
  entries,
  ignore: '*\n!models\n',
};

function contextOf(): DockerContext {
  const { base, node } = plain;
  const tool = { name: 'fairlead', version: '0.1.0' };
  const made = dockerContext(plain, { bases: { base, node }, platforms, epoch: 0, tool });
  assert.ok(made.ok);
  return made.value;
}

/** What lies in the place, beside what the test put there. */
function left(): string[] {
  return readdirSync(place).filter(name => name !== 'model.onnx');
}

test('a context is written whole: bytes, modes, links, empty folders, and one time of all', async () => {
  await writeContext(context, folder, options);
  const about = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map(path => {
      const { mode, mtimeMs } = lstatSync(join(folder, path));
      assert.equal(mtimeMs, EPOCH * 1000, path);
      return `${(mode & 0o777).toString(8)} ${path}`;
    });
  assert.deepEqual(about, [
    '644 .dockerignore',
    '644 Dockerfile',
    '755 models',
    '755 models/d',
    '777 models/d/link',
    '644 models/d/model.onnx',
    '755 models/d/of its own',
    '755 models/d/of its own/$x',
    '755 models/empty',
  ]);
  assert.equal(readFileSync(join(folder, 'Dockerfile'), 'utf8'), context.dockerfile);
  assert.equal(readFileSync(join(folder, 'models/d/model.onnx'), 'utf8'), 'weights');
  assert.equal(readlinkSync(join(folder, 'models/d/link')), '../elsewhere');
  assert.deepEqual(left(), ['context']);
});

test('modes are those of the image, whatever the mask of the user', async () => {
  const mask = process.umask(0o077);
  await writeContext(context, folder, options).finally(() => process.umask(mask));
  assert.equal(lstatSync(join(folder, 'models/d/model.onnx')).mode & 0o777, 0o644);
  assert.equal(lstatSync(folder).mode & 0o777, 0o755);
});

test('a file is a copy: who changes it changes nothing of the model', async () => {
  await writeContext(context, folder, options);
  writeFileSync(join(folder, 'models/d/model.onnx'), 'other');
  assert.equal(readFileSync(model, 'utf8'), 'weights');
});

test('a context takes the place of one that was written before, of which nothing stays', async () => {
  const before: DockerContext = {
    ...context,
    ignore: '*\n!model-7\n',
    entries: [{ kind: 'file', path: 'model-7/a', from: Buffer.from('a') }],
  };
  await writeContext(before, folder, options);
  await writeContext(context, folder, options);
  assert.deepEqual(readdirSync(folder).toSorted(), ['.dockerignore', 'Dockerfile', 'models']);
  assert.deepEqual(left(), ['context']);
});

test('an empty folder is taken, and one that is not there is made with those around it', async () => {
  mkdirSync(folder);
  await writeContext(context, folder, options);
  await writeContext(context, join(place, 'a', 'b'), options);
  assert.ok(existsSync(join(folder, 'Dockerfile')));
  assert.ok(existsSync(join(place, 'a/b/Dockerfile')));
});

test('a link to a folder stays a link', async () => {
  mkdirSync(join(place, 'real'));
  symlinkSync('real', folder);
  await writeContext(context, folder, options);
  assert.equal(readlinkSync(folder), 'real');
  assert.ok(existsSync(join(place, 'real', 'Dockerfile')));
});

const strangers: readonly { name: string; make: () => void | Promise<void>; problem: RegExp }[] = [
  {
    name: 'a folder with other things',
    make: () => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'README.md'), 'mine');
    },
    problem: /it holds README\.md, which/,
  },
  {
    name: 'a folder with a Dockerfile that somebody else wrote',
    make: () => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'Dockerfile'), 'FROM x');
    },
    problem: /it holds Dockerfile, which/,
  },
  {
    name: 'a context to which somebody added a file',
    make: async () => {
      await writeContext(context, folder, options);
      writeFileSync(join(folder, 'notes'), 'mine');
    },
    problem: /it holds notes, which/,
  },
  { name: 'a file', make: () => writeFileSync(folder, 'mine'), problem: /ENOTDIR/ },
];

for (const { name, make, problem } of strangers) {
  test(`${name} is left as it is`, async () => {
    await make();
    const before = lstatSync(folder).ino;
    await assert.rejects(writeContext(context, folder, options), {
      code: 'image_unwritable',
      message: problem,
    });
    assert.equal(lstatSync(folder).ino, before);
    assert.deepEqual(left(), ['context']);
  });
}

test('the folder that the command runs in is not replaced', async () => {
  const expected = { code: 'image_unwritable', message: /this command runs in it/ };
  await assert.rejects(writeContext(context, '.', options), expected);
  await assert.rejects(writeContext(context, '..', options), expected);
});

const broken: readonly { name: string; entry: LayerEntry; expected: object }[] = [
  {
    name: 'a model that is gone',
    entry: { kind: 'file', path: 'models/x', from: join(place, 'gone') },
    expected: { code: 'image_invalid', message: /gone: cannot be read: ENOENT/ },
  },
  {
    name: 'a folder where a file is to be',
    entry: { kind: 'file', path: 'models/x', from: place },
    expected: { code: 'image_invalid', message: /is no file/ },
  },
  {
    name: 'a path that is told twice',
    entry: { kind: 'link', path: 'models/d/link', target: 'x' },
    expected: { code: 'image_unwritable', message: /EEXIST/ },
  },
];

for (const { name, entry, expected } of broken) {
  test(`${name} leaves nothing half-written, and what was there before`, async () => {
    const wrong = { ...context, entries: [...entries, entry] };
    await assert.rejects(writeContext(wrong, folder, options), expected);
    assert.deepEqual(left(), []);
    await writeContext(context, folder, options);
    await assert.rejects(writeContext(wrong, folder, options), expected);
    assert.deepEqual(left(), ['context']);
    assert.ok(existsSync(join(folder, 'models/d/model.onnx')));
  });
}

test('a place that cannot be written is said', {
  skip: process.getuid?.() === 0 && 'root may write it',
}, async () => {
  chmodSync(place, 0o500);
  const writing = writeContext(context, folder, options).finally(() => chmodSync(place, 0o700));
  await assert.rejects(writing, { code: 'image_unwritable', message: /EACCES/ });
});

test('a place below a file is said to be none', async () => {
  const below = join(model, 'context');
  await assert.rejects(writeContext(context, below, options), {
    code: 'image_unwritable',
    message: /ENOTDIR/,
  });
});

test('who gives up leaves nothing', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(writeContext(context, folder, { ...options, signal }), /enough/);
  assert.deepEqual(left(), []);
});
