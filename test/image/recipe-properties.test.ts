/** What is so of the recipe of any service at all. */
import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { type LayerFiles, type Materials, type Recipe, type RecipeOptions, recipeOf } from '#image';
import {
  type Artifact,
  type Baked,
  bakedRevision,
  contained,
  type Found,
  foreignKind,
  type Lying,
  launch,
  type ModelService,
  namesProblem,
  type Packed,
  parse,
  pinned,
  type Revision,
  urisOf,
} from '#spec';
import { anchored } from '../../src/cli/anchored.ts';
import { serviceFile } from '../../src/spec/spec.arbitrary.ts';

const HERE = '/this-machine';
const digest = `sha256:${'a'.repeat(64)}`;
const empty: LayerFiles = { title: '', entries: [], packages: [] };

function read(file: object): ModelService {
  const result = parse(JSON.stringify(file));
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

/** How a model may lie: a file alone, in a folder of its own, as a folder, or in versions beside a configuration. */
const lyings = ['file', 'folder', 'whole', 'configured'] as const;
type Kind = (typeof lyings)[number];

function artifactAt(at: number, kind: Kind): Artifact {
  const folder = `${HERE}/models/m${at}/${at + 1}`;
  const known = { digest, version: String(at + 1), name: `m${at}` };
  if (kind === 'file') return { ...known, path: `${folder}/a.onnx`, named: `${folder}/a.onnx` };
  if (kind === 'whole') return { ...known, path: folder, named: folder, loader: 'savedmodel' };
  const beside = [`${HERE}/models/m${at}/config.pbtxt`];
  return { ...known, path: `${folder}/a.onnx`, named: folder, beside };
}

function foundOf({ spec }: ModelService, kinds: readonly Kind[]): Found[] {
  return urisOf(spec, 'spec', spec.runtime).map((_, at) => {
    const artifact = artifactAt(at, kinds[at % kinds.length] ?? 'file');
    const isForeign = foreignKind(spec.runtime) !== undefined;
    const path = isForeign ? (artifact.named ?? '') : artifact.path;
    return { root: `${HERE}/models/m${at}`, artifacts: [{ ...artifact, path }] };
  });
}

function lyingOf(found: readonly Found[], kinds: readonly Kind[]): Lying {
  const configured = new Map(
    found.flatMap(({ root, artifacts }, at) =>
      kinds[at % kinds.length] !== 'configured'
        ? []
        : artifacts.map(
            one => [one.path, { folder: root, version: one.named, beside: one.beside ?? [] }] as const,
          ),
    ),
  );
  return { isFile: path => path.endsWith('.onnx'), configured: path => configured.get(path) };
}

/** As layers are made of files; a model's folder has one. */
function materialsOf({ models, beside }: Baked, packed: readonly Packed[]): Materials {
  const ofModel = ({ from, to }: Packed): FileEntry => ({
    kind: 'file',
    path: from.endsWith('.onnx') ? to.slice(1) : `${to.slice(1)}/a.onnx`,
    from,
  });
  return {
    program: empty,
    native: () => empty,
    models: models.map(one => ({ ...empty, ...one, digest, entries: [ofModel(one)] })),
    settings: [...packed, ...beside].map(({ from, to }) => ({ kind: 'file', path: to.slice(1), from })),
  };
}

type FileEntry = Extract<LayerFiles['entries'][number], { readonly kind: 'file' }>;

interface Made {
  readonly recipe: Recipe;
  readonly revision: Revision;
}

function made(written: ModelService, kinds: readonly Kind[]): Made | undefined {
  const found = foundOf(written, kinds);
  const interpreter = '/opt/venv/bin/python';
  const inside = contained(written, { base: `${HERE}/service`, interpreter });
  const lying = lyingOf(found, kinds);
  const baked = bakedRevision({ written, inside: inside.service, role: 'stable', found, lying });
  if (namesProblem(baked.revision) !== undefined) return undefined;
  const revision = pinned(baked.revision, new Map(baked.pins.map(({ uri }) => [uri, digest])));
  const isOfPython = revision.models.some(({ artifact }) => artifact.loader !== undefined);
  const isOwn = foreignKind(revision.runtime) === undefined;
  const options: RecipeOptions = {
    service: written.metadata.name,
    base: { registry: 'localhost', repository: 'base', tag: '1' },
    ...(isOwn && isOfPython && { requirements: { file: 'requirements.lock', text: '' } }),
    mounted: inside.mounted,
  };
  const recipe = recipeOf(revision, materialsOf(baked, inside.packed), options);
  assert.ok(recipe.ok, JSON.stringify(recipe));
  return { recipe: recipe.value, revision };
}

/** Runs a check of the recipe of any service. */
function ofAny(check: (one: Made) => void): void {
  const kinds = fc.array(fc.constantFrom(...lyings), { minLength: 1, maxLength: 3 });
  let checked = 0;
  fc.assert(
    fc.property(serviceFile, kinds, (file, how) => {
      const one = made(read(file), how);
      if (one === undefined) return;
      checked++;
      check(one);
    }),
  );
  assert.ok(checked > 30, `only ${checked} were checked`);
}

test('a recipe says no path of the machine that it is made on, but where bytes are read', () =>
  ofAny(({ recipe, revision }) => {
    const said = JSON.stringify(recipe, (key, value: unknown) => (key === 'from' ? undefined : value));
    assert.ok(!said.includes(HERE), said);
    for (const { kind, from } of settingsOf(recipe))
      assert.ok(!(kind === 'text' && from.includes(HERE)), from);
    assert.ok(!JSON.stringify({ ...revision, models: [] }).includes(HERE));
  }));

function settingsOf({ settings }: Recipe): { kind: 'text' | 'path'; from: string }[] {
  return (settings?.entries ?? []).flatMap(one => {
    if (one.kind !== 'file') return [];
    return [{ kind: typeof one.from === 'string' ? 'path' : 'text', from: Buffer.from(one.from).toString() }];
  });
}

test('every path that a server is told of a model is brought by a layer', () =>
  ofAny(({ recipe, revision: { told, models } }) => {
    const layers = [recipe.settings, ...recipe.models];
    const brought = layers.flatMap(layer => layer?.entries.map(({ path }) => `/${path}`) ?? []);
    const uris = told.kind === 'entries' ? told.entries.map(({ uri }) => uri) : [told.repository.uri];
    for (const path of [...uris, ...models.map(({ artifact }) => artifact.path)])
      assert.ok(
        brought.some(one => one === path || one.startsWith(`${path}/`)),
        `${path} is in none of ${brought.join(', ')}`,
      );
  }));

test('no two entries of the layers of a recipe have one path', () =>
  ofAny(({ recipe }) => {
    const paths = [recipe.settings, ...recipe.models].flatMap(
      layer => layer?.entries.map(({ path }) => path) ?? [],
    );
    assert.deepEqual(paths.toSorted(), [...new Set(paths)].toSorted());
  }));

test("a server of fairlead's is told the digest of every model that is told as one version", () =>
  ofAny(({ revision: { told, runtime } }) => {
    if (foreignKind(runtime) !== undefined || told.kind === 'repository') return;
    for (const { uri, digest: pin } of told.entries) assert.equal(pin, digest, uri);
  }));

test('what is started is a program, and nothing of it is empty', () =>
  ofAny(({ recipe: { run }, revision }) => {
    const place = { program: ['fairlead'], host: '', port: 1, grpcPort: 2, behindGateway: false };
    if (launch(revision, place).argv.length > 0) assert.ok(run.entrypoint.length > 0);
    for (const [name, value] of Object.entries(run.env)) assert.notEqual(value, '', name);
    assert.ok(run.ports.every(port => port > 0 && port < 65_536));
  }));

/** Its leaves, by their paths in it. */
function leavesOf(value: unknown, path = ''): (readonly [path: string, value: unknown])[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, `${path}.${key}`));
}

test('what a file means relative to itself is moved or left out, whichever field says it', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(serviceFile, file => {
      const written = read(file);
      const interpreter = '/opt/venv/bin/python';
      const { service } = contained(written, { base: HERE, interpreter });
      const before = new Map(leavesOf(written));
      const after = new Map(leavesOf(service));
      const paths = leavesOf(anchored(written, HERE)).filter(
        ([at, value]) => before.has(at) && before.get(at) !== value && !isAbsolute(String(before.get(at))),
      );
      for (const [at] of paths) {
        seen.add(at.replaceAll(/\d+/g, '*'));
        assert.notEqual(after.get(at), before.get(at), at);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(seen.size > 8, [...seen].join(', '));
});
