import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { imageText } from '../image-name.ts';
import { architectureOf, type Platform, platforms } from '../platform.ts';
import { recipe as anyRecipe } from '../recipe.arbitrary.ts';
import type { Recipe } from '../recipe.ts';
import { dockerContext } from './context.ts';
import { builtImage, type Image } from './fixtures/built-image.ts';
import type { Config } from './fixtures/config.ts';
import { FOLDER, type Node, over, sorted, type Tree, treeOf } from './fixtures/tree.ts';
import type { DockerOptions } from './options.ts';

const file = (path: string): Node => ({
  kind: 'file',
  mode: 0o644,
  bytes: Buffer.from(path).toString('base64'),
});
const program = (path: string): Node => ({ ...file(path), kind: 'file', mode: 0o755, bytes: '' });

/** A base with things in the way: a link and a file where folders come, and a folder that anybody may write. */
const baseTree: Tree = new Map<string, Node>([
  ['models', { kind: 'link', target: 'srv' }],
  ['a', file('a')],
  ['opt', { kind: 'folder', mode: 0o777 }],
  ['opt/there', file('opt/there')],
]);

const base: Image = {
  tree: baseTree,
  config: {
    env: { PATH: '/bin', TARGETARCH_OF_BASE: 'x' },
    labels: { of: 'base' },
    ports: ['80/tcp'],
    cmd: ['of base'],
  },
};

const NODE = 'usr/local/bin/node';
const node: Image = {
  ...base,
  tree: new Map([
    [NODE, program(NODE)],
    ['usr/local/bin/npm', file('npm')],
  ]),
};

/** What pip leaves, as if it were installed. */
const wheels: Tree = new Map<string, Node>([
  ['opt', FOLDER],
  ['opt/venv', FOLDER],
  ['opt/venv/bin', FOLDER],
  ['opt/venv/bin/python', { kind: 'link', target: '/usr/local/bin/python3' }],
  ['opt/venv/bin/x', program('x')],
]);

const tool = { name: 'fairlead', version: '0.1.0' };

function optionsOf(recipe: Recipe, asked: readonly Platform[] = platforms): DockerOptions {
  return { bases: { base: recipe.base, node: recipe.node }, platforms: asked, epoch: 0, tool };
}

/** What a builder makes of the Dockerfile and the context of a recipe. */
function builtOf(recipe: Recipe, platform: Platform, options = optionsOf(recipe)): Image {
  const found = dockerContext(recipe, options);
  assert.ok(found.ok, JSON.stringify(found));
  const { dockerfile, ignore, entries } = found.value;
  const images = new Map([[imageText(recipe.base), base]]);
  if (recipe.node !== undefined && imageText(recipe.node) !== imageText(recipe.base))
    images.set(imageText(recipe.node), node);
  const stray = new Map([
    ['.env', file('secret')],
    ['Dockerfile', file('x')],
  ]);
  const context = over(treeOf(entries), stray);
  return builtImage({
    dockerfile,
    ignore,
    context,
    images,
    architecture: architectureOf(platform),
    run: (argv, mounts, sent) => installed(argv, mounts, sent, recipe),
  });
}

function installed(
  argv: readonly string[],
  mounts: readonly ReadonlyMap<string, string>[],
  sent: Tree,
  { requirements }: Recipe,
): Tree {
  const [, , module, ...args] = argv;
  if (module === 'venv') {
    assert.deepEqual(args, ['--without-pip', '/opt/venv']);
    return new Map();
  }
  const lock = mounts.find(mount => mount.get('target') === args.at(-1));
  const sentLock = sent.get(lock?.get('source') ?? '');
  assert.ok(sentLock?.kind === 'file');
  assert.equal(
    Buffer.from(sentLock.bytes, 'base64').toString(),
    Buffer.from(requirements?.text ?? '').toString(),
  );
  for (const flag of ['--require-hashes', '--only-binary=:all:', '--no-deps', '--no-compile'])
    assert.ok(args.includes(flag), flag);
  return wheels;
}

/** What the recipe itself says. */
function wanted(recipe: Recipe, platform: Platform): Image {
  const { dependencies, program: own, settings, models, run, annotations } = recipe;
  const layers = [dependencies?.(platform), own, settings, ...models].map(one => treeOf(one?.entries ?? []));
  const stages = [
    ...(recipe.node === undefined ? [] : [new Map([...withNode, [NODE, program(NODE)]])]),
    ...(recipe.requirements === undefined ? [] : [wheels]),
  ];
  const tree = [...stages, ...layers].reduce(over, base.tree);
  const ports = [...base.config.ports, ...run.ports.map(port => `${port}/tcp`)];
  const config: Config = {
    env: { ...base.config.env, ...run.env },
    labels: { ...base.config.labels, ...annotations },
    ports: [...new Set(ports)],
    user: run.user,
    stopSignal: run.stopSignal,
    entrypoint: run.entrypoint,
    cmd: run.cmd,
  };
  return { tree, config };
}

const withNode: readonly (readonly [string, Node])[] = ['usr', 'usr/local', 'usr/local/bin'].map(one => [
  one,
  FOLDER,
]);

test('whatever the recipe, its Dockerfile makes the same files and the same configuration, on every platform', () => {
  fc.assert(
    fc.property(anyRecipe, fc.constantFrom(...platforms), (recipe, platform) => {
      const [made, meant] = [builtOf(recipe, platform), wanted(recipe, platform)];
      assert.deepEqual(sorted(made.tree), sorted(meant.tree));
      assert.deepEqual(made.config, meant.config);
    }),
    { numRuns: 500 },
  );
});
