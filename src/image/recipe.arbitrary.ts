/** Recipes for property tests: any that the types allow and a disk can hold, names nobody would choose among them. */
import * as fc from 'fast-check';
import type { LayerEntry } from './layer-entry.ts';
import type { LayerFiles, ModelFiles, Recipe, RunConfig } from './recipe.ts';

/** Pieces that mean something to a shell, a Dockerfile, JSON, a pattern or YAML. */
const PIECES = (
  `a B model 2 _ - --from=x . .. .git $ \${A} $TARGETARCH $(x) # " ' \` * ? [a] ! % , ; <<EOF && | ~ @ : + ` +
  'é 模型 🙂 \u2028 \ufeff'
)
  .split(' ')
  .concat(' ', '\t');

const BREAK = /[\n\r\0]/g;

/** One line of text, as strange as it may be. */
const line = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...PIECES, '\\', '=', '/') }, fc.string()), {
    maxLength: 6,
  })
  .map(pieces => pieces.join('').replaceAll(BREAK, ''));

const text = fc.tuple(line, line, fc.boolean()).map(([a, b, isMore]) => (isMore ? `${a}\n${b}` : a));

/** Of a file or folder. */
const name = fc
  .oneof(
    fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}$/),
    fc.array(fc.constantFrom(...PIECES, '\n'), { minLength: 1, maxLength: 4 }).map(all => all.join('')),
  )
  .filter(one => !['.', '..'].includes(one) && !one.startsWith('.wh.'));

const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(names => names.join('/'));

const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
  fc
    .record({ path, from: fc.uint8Array({ maxLength: 5 }), isProgram: fc.boolean() })
    .map(file => ({ kind: 'file', ...file }) as const),
  path.map(one => ({ kind: 'folder', path: one }) as const),
  fc
    .record({ path, target: fc.constantFrom('a', '../b', '/etc/c d', '$x') })
    .map(link => ({ kind: 'link', ...link }) as const),
);

/** Below one folder or all over the place; nothing comes twice, and nothing lies in a file. */
const entries = fc
  .tuple(fc.option(path, { nil: '' }), fc.array(entry, { maxLength: 5 }))
  .map(([folder, all]) =>
    sound(all.map(one => ({ ...one, path: folder === '' ? one.path : `${folder}/${one.path}` }))),
  );

function sound(all: readonly LayerEntry[]): LayerEntry[] {
  const kept = new Map<string, LayerEntry>();
  for (const one of all) {
    const isTaken = [...kept.values()].some(
      ({ kind, path: other }) =>
        other === one.path ||
        (kind !== 'folder' && one.path.startsWith(`${other}/`)) ||
        (one.kind !== 'folder' && other.startsWith(`${one.path}/`)),
    );
    if (!isTaken) kept.set(one.path, one);
  }
  return [...kept.values()];
}

const layer: fc.Arbitrary<LayerFiles> = fc.record({ title: text, entries, packages: fc.constant([]) });

const digest = fc.stringMatching(/^sha256:[0-9a-f]{64}$/);

const model: fc.Arbitrary<ModelFiles> = fc
  .tuple(layer, fc.record({ name, version: fc.oneof(fc.constantFrom('1', '2'), name), digest }))
  .map(([files, about]) => ({ ...files, ...about }));

const pinned = fc.record({
  registry: fc.constantFrom('docker.io', 'localhost:5000'),
  repository: fc.constantFrom('library/python', 'acme/base_image'),
  tag: fc.constantFrom('3.11-slim', '1'),
  digest,
});

/** No name has an `=`. */
const named = fc.dictionary(
  fc.oneof(
    fc.constantFrom('A', 'PATH', 'TARGETARCH', 'org.opencontainers.image.title', '--x'),
    line.map(one => `k${one.replaceAll('=', '')}`),
  ),
  line,
  { maxKeys: 4, noNullPrototype: true },
);

const run: fc.Arbitrary<RunConfig> = fc.record(
  {
    entrypoint: fc.array(text, { maxLength: 3 }),
    cmd: fc.array(text, { maxLength: 3 }),
    env: named,
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
    user: fc.constantFrom('65532:65532', '1000', 'somebody'),
    stopSignal: fc.constantFrom('SIGTERM', 'SIGINT', '15'),
    folder: fc.constantFrom('/opt', '/srv/a b', '/$HOME'),
  },
  { requiredKeys: ['entrypoint', 'cmd', 'env', 'ports', 'user', 'stopSignal'] },
);

export const recipe: fc.Arbitrary<Recipe> = fc.record(
  {
    base: pinned,
    node: pinned,
    requirements: fc.record({ file: line, text }),
    dependencies: fc.tuple(layer, layer).map(([amd64, arm64]) => (platform: string) => {
      return platform === 'linux/amd64' ? amd64 : arm64;
    }),
    program: layer,
    settings: layer,
    models: fc.array(model, { maxLength: 3 }),
    run,
    annotations: named,
  },
  { requiredKeys: ['base', 'models', 'run', 'annotations'] },
);
