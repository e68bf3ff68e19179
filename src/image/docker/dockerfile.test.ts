import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { ImageName } from '../image-name.ts';
import { platforms } from '../platform.ts';
import type { Recipe } from '../recipe.ts';
import { type DockerContext, dockerContext } from './context.ts';
import { files, model, plain } from './fixtures/plain-recipe.ts';
import type { DockerOptions } from './options.ts';

function optionsOf({ base, node }: Recipe): DockerOptions {
  return { bases: { base, node }, platforms, epoch: 0, tool: { name: 'fairlead', version: '0.1.0' } };
}

function contextOf(recipe: Recipe, more: Partial<DockerOptions> = {}): DockerContext {
  const found = dockerContext(recipe, { ...optionsOf(recipe), ...more });
  assert.ok(found.ok, JSON.stringify(found));
  return found.value;
}

test('a Dockerfile is what a careful engineer would write', () => {
  const health = { node: '/usr/local/bin/node', url: 'http://127.0.0.1:8501/health' };
  const image = { registry: 'ghcr.io', repository: 'acme/digits', tag: '2' };
  const { dockerfile } = contextOf(plain, { health, image, epoch: 1_700_000_000 });
  assert.equal(dockerfile, readFileSync(join(import.meta.dirname, 'fixtures', 'Dockerfile'), 'utf8'));
});

test('the builder is sent what is copied, and nothing else', () => {
  assert.equal(
    contextOf(plain).ignore,
    '# Nothing but what the Dockerfile copies.\n*\n!requirements.lock\n!dependencies\n!program\n!models\n',
  );
});

test('models lie by name and version, and by their place where those are no names or not theirs alone', () => {
  const models = [model('a', '1'), model('my model', '1'), model('A', '1'), model('b', '2')];
  const { dockerfile } = contextOf({ ...plain, models });
  const sources = [...dockerfile.matchAll(/^COPY .* (\S+) \/models\//gm)].map(([, source]) => source);
  assert.deepEqual(sources, ['model-1/', 'model-2/', 'model-3/', 'models/b/2/']);
});

test('labels are all that is said of the image, and without it what the recipe says', () => {
  const said = contextOf(plain, { annotations: { a: 'b' } }).dockerfile;
  assert.match(said, /^LABEL a="b"$/m);
  assert.doesNotMatch(said, /image\.title/);
});

test('a health check of the base is taken away where there is none of ours', () => {
  assert.match(contextOf(plain).dockerfile, /^HEALTHCHECK NONE$/m);
});

test('a layer that holds nothing is not copied', () => {
  const { dockerfile } = contextOf({ ...plain, settings: files('nothing') });
  assert.doesNotMatch(dockerfile, /Settings/);
});

const unpinned: ImageName = { registry: 'docker.io', repository: 'library/node', tag: '24' };

const problems: readonly { name: string; recipe: Recipe; subject: string; problem: RegExp }[] = [
  {
    name: 'a base without a digest',
    recipe: { ...plain, base: unpinned },
    subject: 'docker.io/library/node:24',
    problem: /not pinned/,
  },
  {
    name: 'a Node without a digest',
    recipe: { ...plain, node: unpinned },
    subject: 'docker.io/library/node:24',
    problem: /not pinned/,
  },
  {
    name: 'a variable of two lines',
    recipe: { ...plain, run: { ...plain.run, env: { A: 'b\nc' } } },
    subject: 'the environment variable "A"',
    problem: /line break/,
  },
  {
    name: 'a variable without a name',
    recipe: { ...plain, run: { ...plain.run, env: { '': 'b' } } },
    subject: 'the environment variable ""',
    problem: /no name/,
  },
  {
    name: 'an annotation with an equals sign in its name',
    recipe: { ...plain, annotations: { 'a=b': 'c' } },
    subject: 'the annotation "a=b"',
    problem: /no name/,
  },
  {
    name: 'a user of two lines',
    recipe: { ...plain, run: { ...plain.run, user: '1\nRUN x' } },
    subject: 'the "user"',
    problem: /line break/,
  },
  {
    name: 'a path that leads out',
    recipe: { ...plain, program: files('x', '../../etc/passwd') },
    subject: '"program/../../etc/passwd"',
    problem: /no path/,
  },
  {
    name: 'a path that removes another',
    recipe: { ...plain, program: files('x', 'opt/.wh.a') },
    subject: '"program/.wh.a"',
    problem: /no path/,
  },
];

for (const { name, recipe, subject, problem } of problems) {
  test(`${name} is refused, and named`, () => {
    const found = dockerContext(recipe, optionsOf(recipe));
    assert.ok(!found.ok);
    assert.equal(found.error.subject, subject);
    assert.match(found.error.problem, problem);
  });
}
