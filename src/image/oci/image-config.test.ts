import assert from 'node:assert/strict';
import test from 'node:test';
import type { ImageConfig } from '../base-image.ts';
import type { RunConfig } from '../recipe.ts';
import { type ConfiguredImage, imageConfigOf } from './image-config.ts';

const diffId = (letter: string): string => `sha256:${letter.repeat(64)}`;
const run: RunConfig = {
  entrypoint: ['/server'],
  cmd: ['--port', '1'],
  env: {},
  ports: [],
  user: '1',
  stopSignal: 'SIGTERM',
};
const base = (more: object = {}): ImageConfig => ({
  os: 'linux',
  architecture: 'amd64',
  rootfs: { type: 'layers', diff_ids: [diffId('a')] },
  ...more,
});

interface Configured {
  readonly config: Record<string, unknown>;
  readonly history: readonly object[];
}

const configured = (image: Partial<ConfiguredImage>): Configured =>
  imageConfigOf({
    base: base(),
    layers: [{ role: 'program', title: 'fairlead', diffId: diffId('b') }],
    run,
    labels: {},
    created: '1970-01-01T00:00:00Z',
    ...image,
  }) as Configured;

test('variables of the base keep their order, and ours take the place of theirs', () => {
  const { config } = configured({
    base: base({ config: { Env: ['PATH=/bin', 'A=1', 'B=2=3'] } }),
    run: { ...run, env: { Z: 'z', A: 'ours', C: '' } },
  });
  assert.deepEqual(config['Env'], ['PATH=/bin', 'A=ours', 'B=2=3', 'C=', 'Z=z']);
});

const programs: readonly {
  name: string;
  run: object;
  said: readonly [readonly string[], readonly string[]];
}[] = [
  { name: 'ours goes with our arguments', run: {}, said: [['/server'], ['--port', '1']] },
  { name: 'ours may have no arguments', run: { cmd: [] }, said: [['/server'], []] },
  { name: "the base's goes with our arguments", run: { entrypoint: [] }, said: [['/base'], ['--port', '1']] },
  { name: "the base's goes with its own", run: { entrypoint: [], cmd: [] }, said: [['/base'], ['serve']] },
];

for (const { name, run: more, said } of programs)
  test(`of programs, ${name}`, () => {
    const over = base({ config: { Entrypoint: ['/base'], Cmd: ['serve'] } });
    const { config } = configured({ base: over, run: { ...run, ...more } });
    assert.deepEqual([config['Entrypoint'], config['Cmd']], said);
  });

const folders: readonly (readonly [string | undefined, string | undefined, string])[] = [
  [undefined, undefined, '/'],
  ['', undefined, '/'],
  ['/app', undefined, '/app'],
  ['/app', '/srv', '/srv'],
];

for (const [ofBase, own, found] of folders)
  test(`it starts in ${found}, where the base says ${ofBase} and a recipe ${own}`, () => {
    const { config } = configured({
      base: base({ config: { WorkingDir: ofBase } }),
      run: { ...run, ...(own !== undefined && { folder: own }) },
    });
    assert.equal(config['WorkingDir'], found);
  });

test('what is about the program of the base is left out', () => {
  const { config } = configured({
    base: base({
      config: {
        Healthcheck: { Test: [] },
        Volumes: { '/a': {} },
        OnBuild: [],
        ExposedPorts: { '1/tcp': {} },
      },
    }),
  });
  assert.deepEqual(Object.keys(config).toSorted(), [
    'Cmd',
    'Entrypoint',
    'Env',
    'ExposedPorts',
    'Labels',
    'StopSignal',
    'User',
    'WorkingDir',
  ]);
  assert.deepEqual(config['ExposedPorts'], {});
});

const histories: readonly { name: string; history?: readonly object[]; lines: number; isKept: boolean }[] = [
  {
    name: 'is kept, its empty layers too',
    history: [{ created_by: 'a' }, { created_by: 'b', empty_layer: true }],
    lines: 3,
    isKept: true,
  },
  { name: 'that is not there is made up, a line for each layer', lines: 2, isKept: false },
  {
    name: 'of another number of layers is made up',
    history: [{ created_by: 'a' }, { created_by: 'b' }],
    lines: 2,
    isKept: false,
  },
];

for (const { name, history, lines, isKept } of histories)
  test(`a history of the base ${name}`, () => {
    const { history: found } = configured({ base: base(history && { history }) });
    assert.equal(found.length, lines);
    assert.equal(found[0] === history?.[0], isKept);
    assert.deepEqual(found.at(-1), {
      created: '1970-01-01T00:00:00Z',
      created_by: 'fairlead: program, fairlead',
    });
  });

test('only what the specification has of the base is carried on', () => {
  const over = base({
    variant: 'v3',
    'os.version': '1',
    docker_version: '18',
    container: 'c1',
    author: 'somebody',
  });
  const { config: _, ...rest } = configured({ base: over });
  assert.deepEqual(Object.keys(rest).toSorted(), [
    'architecture',
    'created',
    'history',
    'os',
    'os.version',
    'rootfs',
    'variant',
  ]);
});
