/** Recipes built by a real BuildKit, which is asked by its own `buildctl`, on a base of a registry that both reach. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { ImageName, Recipe } from '#image';
import { type Node, over, sorted, type Tree, treeOf } from '../../../src/image/docker/fixtures/tree.ts';
import { recipe as anyRecipe } from '../../../src/image/recipe.arbitrary.ts';
import { contextIn } from './context-in.ts';
import { type LaidOut, readImage } from './laid-out.ts';

const RECIPES = 40;
/** Ten times what one takes. Milliseconds. */
const MOST_BUILD_MS = 60_000;

/** Whatever the recipe, what BuildKit makes of its Dockerfile is what the recipe says. Says why where there is none to ask. */
export async function buildAll(folder: string): Promise<void> {
  const { BUILDKIT_HOST: host, FAIRLEAD_TEST_REGISTRY: registry } = process.env;
  if (host === undefined || registry === undefined) {
    process.stdout.write(
      'skipped: BUILDKIT_HOST or FAIRLEAD_TEST_REGISTRY names no BuildKit, or no base for it\n',
    );
    return;
  }
  const base = await baseIn(registry);
  const recipes = fc.sample(anyRecipe, RECIPES).map(one => onBase(one, base));
  for (const [at, recipe] of recipes.entries()) await mustBeSame(recipe, join(folder, `built-${at}`));
  process.stdout.write(`BuildKit: ${RECIPES} recipes, each the image that it says\n`);
}

/** Without what is installed from elsewhere, which a base so small has no Python for; and starting where every base has a folder. */
function onBase(
  { dependencies, program, settings, models, run, annotations }: Recipe,
  base: ImageName,
): Recipe {
  return {
    base,
    ...(dependencies && { dependencies }),
    ...(program && { program }),
    ...(settings && { settings }),
    models,
    run: { ...run, ...(run.folder !== undefined && { folder: '/' }) },
    annotations,
  };
}

async function baseIn(registry: string): Promise<ImageName> {
  const [repository, tag] = ['library/busybox', '1'];
  const answer = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, {
    headers: {
      accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json',
    },
    signal: AbortSignal.timeout(10_000),
  });
  const digest = answer.headers.get('docker-content-digest');
  assert.ok(digest !== null, `${registry} has no ${repository}:${tag}`);
  return { registry, repository, tag, digest };
}

async function mustBeSame(recipe: Recipe, folder: string): Promise<void> {
  await contextIn(folder, recipe);
  // The frontend that the first line names comes from a registry; BuildKit has one of its own too, and takes that without the line.
  const path = join(folder, 'Dockerfile');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^# syntax=.*\n/, ''));
  const { layers, config } = await build(folder);
  const copied = [
    recipe.dependencies?.('linux/amd64'),
    recipe.program,
    recipe.settings,
    ...recipe.models,
  ].map(one => treeOf(one?.entries ?? []));
  assert.deepEqual(sorted(layers.reduce(over, nothing)), sorted(copied.reduce(over, nothing)), folder);
  mustRun(recipe, config);
}

const nothing: Tree = new Map<string, Node>();

function build(folder: string): Promise<LaidOut> {
  const out = `${folder}-out`;
  const args = [
    'build',
    '--frontend',
    'dockerfile.v0',
    '--local',
    `context=${folder}`,
    '--local',
    `dockerfile=${folder}`,
  ];
  const platform = ['--opt', 'platform=linux/amd64', '--opt', 'build-arg:SOURCE_DATE_EPOCH=0'];
  const output = ['--output', `type=oci,dest=${out},tar=false,rewrite-timestamp=true`, '--progress', 'plain'];
  const { status, stderr } = spawnSync('buildctl', [...args, ...platform, ...output], {
    encoding: 'utf8',
    timeout: MOST_BUILD_MS,
  });
  assert.equal(status, 0, `${readFileSync(join(folder, 'Dockerfile'), 'utf8')}\n${stderr}`);
  return readImage(out, 1);
}

/** The base's PATH is there too, and its program where the recipe has none. */
function mustRun({ run, annotations }: Recipe, config: LaidOut['config']): void {
  for (const [name, value] of Object.entries(run.env))
    assert.ok(config.Env.includes(`${name}=${value}`), name);
  assert.deepEqual({ ...config.Labels }, annotations);
  assert.deepEqual(
    Object.keys(config.ExposedPorts ?? {}).toSorted(),
    run.ports.map(port => `${port}/tcp`).toSorted(),
  );
  assert.deepEqual([config.User, config.StopSignal], [run.user, run.stopSignal]);
  if (run.folder !== undefined) assert.equal(config.WorkingDir, run.folder);
  if (run.entrypoint.length > 0)
    assert.deepEqual([config.Entrypoint, config.Cmd ?? []], [run.entrypoint, run.cmd]);
  else if (run.cmd.length > 0) assert.deepEqual(config.Cmd, run.cmd);
}
