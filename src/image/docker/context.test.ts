import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { imageText } from '../image-name.ts';
import { platforms } from '../platform.ts';
import { recipe as anyRecipe } from '../recipe.arbitrary.ts';
import type { Recipe } from '../recipe.ts';
import { type DockerContext, dockerContext } from './context.ts';
import { plain } from './fixtures/plain-recipe.ts';
import { builtOf, wanted } from './fixtures/stand-ins.ts';
import { sorted } from './fixtures/tree.ts';

function contextOf(recipe: Recipe): DockerContext {
  const bases = { base: recipe.base, node: recipe.node };
  const tool = { name: 'fairlead', version: '0.1.0' };
  const found = dockerContext(recipe, { bases, platforms, epoch: 0, tool });
  assert.ok(found.ok, JSON.stringify(found));
  return found.value;
}

test('whatever the recipe, its Dockerfile makes the same files and the same configuration, on every platform', () => {
  const isOneImage = ({ base, node }: Recipe): boolean =>
    node === undefined || imageText(node) !== imageText(base);
  fc.assert(
    fc.property(anyRecipe.filter(isOneImage), fc.constantFrom(...platforms), (recipe, platform) => {
      const [made, meant] = [builtOf(recipe, contextOf(recipe), platform), wanted(recipe, platform)];
      assert.deepEqual(sorted(made.tree), sorted(meant.tree));
      assert.deepEqual(made.config, meant.config);
    }),
    { numRuns: 500 },
  );
});

/** What is wrong with the text, as it is written, and what it then says. */
const faults: readonly (readonly [name: string, from: RegExp, to: string])[] = [
  ['a copy less', /COPY .* program\/ .*\n/, ''],
  ['a layer that lies elsewhere', / \/opt\/fairlead\/$/m, ' /opt/'],
  ['modes as they come', / --chmod=\S+/, ''],
  ['other modes', /go=rX/, 'go=rwX'],
  ['a layer that knows what lies below', / --link/, ''],
  ['a variable that nobody declares', /ARG TARGETARCH\n/, ''],
  ['a dollar that is no text', /\\\$x/, '$x'],
  ['a quote that does not end', /"cost/, '"\\"cost'],
  ['a line that goes on', /SIGTERM/, 'SIGTERM \\'],
  ['a tag that may move', /@sha256:0+$/m, ''],
  ['the user of the base', /USER 65532.*\n/, ''],
  ['a shell', /ENTRYPOINT .*/, 'ENTRYPOINT /usr/local/bin/node'],
  ['no command', /CMD .*\n/, ''],
  ['a command that is taken away again', /(ENTRYPOINT.*\n)(CMD.*\n)/, '$2$1'],
  ['a port less', / 8500\/tcp/, ''],
  ['a label less', /org\.\S+title="digits" \\\n\s*/, ''],
  ['packages that nobody locked', /, "--require-hashes"/, ''],
  ['Node from elsewhere', /--from=node/, '--from=requirements'],
  ['another instruction', /COPY/, 'ADD'],
];

for (const [name, from, to] of faults) {
  test(`a planted fault makes another image, or none: ${name}`, () => {
    const context = contextOf(plain);
    const dockerfile = context.dockerfile.replace(from, to);
    assert.notEqual(dockerfile, context.dockerfile);
    assert.throws(() => equal({ ...context, dockerfile }));
  });
}

test('a planted fault makes another image, or none: models that are not sent', () => {
  const context = contextOf(plain);
  equal(context);
  assert.throws(() => equal({ ...context, ignore: context.ignore.replace('!models', '') }));
});

function equal(context: DockerContext): void {
  for (const platform of platforms) {
    const [made, meant] = [builtOf(plain, context, platform), wanted(plain, platform)];
    assert.deepEqual([sorted(made.tree), made.config], [sorted(meant.tree), meant.config]);
  }
}
