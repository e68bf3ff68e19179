/** `fairlead image` as an ordinary user has it: no Docker, no root, nothing on PATH, and a registry. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { type Based, basedRegistry } from './based-registry.ts';
import { type Ended, type Installed, install } from './installed.ts';

let fairlead: Installed;
let based: Based;
let names = 0;
const closing: (() => unknown)[] = [];
/** Registries outlive a hook, and end with the file. */
const ending = { after: (close: () => unknown) => void closing.push(close) };

before(async () => {
  fairlead = install();
  based = await basedRegistry(ending);
});

after(() => {
  for (const close of closing) close();
  fairlead.remove();
});

/** A place of one's own, below what the user may write. */
function fresh(): string {
  names++;
  return join(fairlead.folder, 'home', String(names));
}

const digits = (): string => join(fairlead.folder, 'digits');

interface Report {
  readonly image: string;
  readonly digest: string;
  readonly platforms: readonly { platform: string; layers: readonly { role: string; digest: string }[] }[];
  readonly pushed?: { uploaded: number; mounted: number; skipped: number };
}

async function built(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Report> {
  const { code, stdout, stderr } = await fairlead.run(['image', 'build', ...args, '-o', 'json'], env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Report;
}

test('an ordinary user with an empty PATH builds an image and pushes it', async () => {
  const name = `${based.registry.host}/acme/digits:1`;
  const { image, digest, pushed } = await built([digits(), '--base', based.base, '-t', name, '--push']);
  assert.equal(image, `${name}@${digest}`);
  assert.ok(pushed !== undefined && pushed.uploaded > 1_000_000);
  const kept = based.registry.document('acme/digits', '1');
  assert.match(String(kept?.bytes), /dev\.fairlead\.revision/);
});

test('two builds in two folders are the same bytes, and the platforms are in one index', async () => {
  const other = join(fresh(), 'elsewhere');
  cpSync(digits(), other, { recursive: true });
  chmodSync(join(other, 'models', 'digits', '1', 'model.onnx'), 0o666);
  const platform = ['--platform', 'linux/amd64,linux/arm64', '--base', based.base];
  const [one, two] = [fresh(), fresh()];
  const first = await built([digits(), ...platform, '--oci-layout', one], { FAIRLEAD_IMAGE_CACHE: fresh() });
  const second = await built([other, ...platform, '--oci-layout', two], { FAIRLEAD_IMAGE_CACHE: fresh() });
  assert.equal(first.digest, second.digest);
  assert.deepEqual(
    first.platforms.map(({ platform: of }) => of),
    ['linux/amd64', 'linux/arm64'],
  );
  for (const path of ['index.json', 'oci-layout', `blobs/sha256/${first.digest.slice(7)}`])
    assert.deepEqual(readFileSync(join(one, path)), readFileSync(join(two, path)));
  const [amd, arm] = first.platforms.map(({ layers }) => layers);
  const same = amd?.filter(({ digest }, at) => arm?.[at]?.digest === digest).map(({ role }) => role);
  assert.deepEqual(same, ['program', 'model'], 'only native libraries are of a platform');
});

test('a new version of a model is one new layer, and its bytes are all that is uploaded', async () => {
  const name = (version: number): string => `${based.registry.host}/acme/versions:${version}`;
  const base = ['--base', based.base, '--push'];
  const first = await built([digits(), ...base, '-t', name(1)]);
  const second = await built([digits(), ...base, '-t', name(2), '--candidate']);
  const layers = ({ platforms: [of] }: Report): readonly string[] =>
    (of?.layers ?? []).map(({ digest }) => digest);
  assert.deepEqual(layers(second).slice(0, -1), layers(first).slice(0, -1));
  assert.notEqual(layers(second).at(-1), layers(first).at(-1));
  assert.ok((second.pushed?.uploaded ?? 1e9) < 200_000, JSON.stringify(second.pushed));
  const again = await built([digits(), ...base, '-t', name(2), '--candidate']);
  assert.equal(again.pushed?.uploaded, 0);
});

test('a build that is killed at whatever moment is gone on with by the next, and the tag never names a part', async () => {
  const { registry, base } = await basedRegistry(ending);
  const env = { FAIRLEAD_IMAGE_CACHE: fresh() };
  const args = [digits(), '--base', base, '-t', `${registry.host}/acme/digits:1`, '--push'];
  let kills = 0;
  for (let ms = 150; ms <= 1050; ms += 150) {
    const { code } = await fairlead.killed(ms, ['image', 'build', ...args], env);
    if (code === null) kills++;
    if (registry.document('acme/digits', '1') !== undefined) break;
  }
  assert.ok(kills > 0);
  const { digest } = await built(args, env);
  const top = JSON.parse(String(registry.document('acme/digits', '1')?.bytes)) as {
    layers: readonly { digest: string }[];
  };
  for (const layer of top.layers) {
    const bytes = registry.blob('acme/digits', layer.digest);
    assert.equal(sha256(bytes ?? Buffer.alloc(0)), layer.digest);
  }
  const other = await built([digits(), '--base', based.base, '--tar', `${fresh()}.tar`]);
  assert.equal(other.platforms[0]?.layers.at(-1)?.digest, top.layers.at(-1)?.digest);
  assert.equal(sha256(registry.document('acme/digits', '1')?.bytes ?? Buffer.alloc(0)), digest);
});

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

test('a tar file is pushed as it was built', async () => {
  const file = `${fresh()}.tar`;
  const { digest } = await built([digits(), '--base', based.base, '--tar', file, '-t', 'digits:1']);
  const target = `${based.registry.host}/acme/pushed:1`;
  const { code, stdout, stderr } = await fairlead.run(['image', 'push', file, target]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${target}@${digest}\n`);
});

test('the report of --explain alone is made of an image that goes nowhere', async () => {
  const { code, stdout } = await fairlead.run([
    'image',
    'build',
    digits(),
    '--base',
    based.base,
    '--explain',
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /onnxruntime-node/);
});

test("fairlead's own image has no model, and with --onnx what runs one", async () => {
  const layout = ['--base', based.base, '--oci-layout'];
  const plain = await built(['--self', ...layout, fresh()]);
  const whole = await built(['--self', '--onnx', ...layout, fresh()]);
  const roles = ({ platforms: [of] }: Report): readonly string[] =>
    (of?.layers ?? []).map(({ role }) => role);
  assert.deepEqual([roles(plain), roles(whole)], [['program'], ['dependencies', 'program']]);
});

test('the Dockerfile is printed, or lies in a folder with all that it copies', async () => {
  const printed = await fairlead.run(['image', 'dockerfile', digits(), '--base', based.base]);
  assert.equal(printed.code, 0, printed.stderr);
  assert.match(printed.stdout, /^FROM \S+@sha256:[0-9a-f]{64}/m);
  assert.match(printed.stdout, /org\.opencontainers\.image\.base\.digest="sha256:[0-9a-f]{64}"/);
  const to = fresh();
  const written = await fairlead.run(['image', 'dockerfile', digits(), '--base', based.base, '--to', to]);
  assert.equal(written.code, 0, written.stderr);
  assert.equal(readFileSync(join(to, 'Dockerfile'), 'utf8'), printed.stdout);
});

const refused: readonly {
  readonly name: string;
  readonly args: () => readonly string[];
  readonly code: number;
  readonly sentence: RegExp;
}[] = [
  {
    name: 'a name that no image can have',
    args: () => [digits(), '--base', based.base, '-t', 'acme/Digits:1', '--push'],
    code: 2,
    sentence: /'acme\/Digits:1' is no name of an image: .*lower case/,
  },
  {
    name: 'a base that is not for the platform',
    args: () => [digits(), '--base', based.onlyAmd, '--platform', 'linux/arm64', '--explain'],
    code: 2,
    sentence: /cannot be the base: .*linux\/amd64/,
  },
  {
    name: 'a base that is not there',
    args: () => [digits(), '--base', `${based.registry.host}/library/node:99`, '--explain'],
    code: 2,
    sentence: /library\/node.*: status 404/,
  },
  {
    name: 'a registry that nobody answers for',
    args: () => [digits(), '--base', '127.0.0.1:1/library/node:24', '--explain'],
    code: 3,
    sentence: /127\.0\.0\.1:1/,
  },
  {
    name: 'a model that is not there',
    args: () => [join(fairlead.folder, 'nowhere.onnx'), '--base', based.base, '--explain'],
    code: 2,
    sentence: /nowhere\.onnx: .* not there/,
  },
  {
    name: 'no place to go to',
    args: () => [digits(), '--base', based.base],
    code: 2,
    sentence: /where the image goes is not said/,
  },
  {
    name: 'a platform that is not known',
    args: () => [digits(), '--base', based.base, '--platform', 'linux/s390x', '--explain'],
    code: 2,
    sentence: /--platform must be linux\/amd64 or linux\/arm64/,
  },
  {
    name: 'an authority that is damaged',
    args: () => {
      const path = fresh();
      writeFileSync(path, '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n', { mode: 0o644 });
      return [digits(), '--base', based.base, '--explain', '--ca', path];
    },
    code: 3,
    sentence: /cannot be read: a certificate in it is damaged/,
  },
  {
    name: 'a host of plain http with its scheme',
    args: () => [digits(), '--base', based.base, '--plain-http', 'http://registry.local', '--explain'],
    code: 2,
    sentence: /--plain-http takes a host .*not 'http:\/\/registry\.local'/,
  },
  {
    name: 'a push without a name',
    args: () => [digits(), '--base', based.base, '--push'],
    code: 2,
    sentence: /--push needs a name/,
  },
];

for (const { name, args, code, sentence } of refused)
  test(`${name} is one sentence`, async () => {
    const ended = await fairlead.run(['image', 'build', ...args()]);
    assert.deepEqual([ended.code, ended.stdout], [code, '']);
    assertSentence(ended, sentence);
  });

function assertSentence({ stderr }: Ended, sentence: RegExp): void {
  assert.match(stderr, sentence);
  assert.match(stderr, /^fairlead: [^\n]*\n(?: {2}hint: [^\n]*\n)?$/);
}

test('a folder that cannot be written is left as it was', async () => {
  const folder = fresh();
  mkdirSync(folder, { mode: 0o555 });
  chmodSync(folder, 0o555);
  const ended = await fairlead.run([
    'image',
    'build',
    digits(),
    '--base',
    based.base,
    '--oci-layout',
    join(folder, 'layout'),
  ]);
  assert.equal(ended.code, 3);
  assertSentence(ended, /layout cannot be written/);
  assert.deepEqual(readdirSync(folder), []);
});

test('what is pushed to a registry that refuses is told with what to do, and the tag is not there', async () => {
  const refusing = await basedRegistry(ending);
  refusing.registry.behave((request, response) => {
    if (request.method === 'GET' || request.method === 'HEAD') return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    return true;
  });
  const name = `${refusing.registry.host}/acme/digits:1`;
  const ended = await fairlead.run([
    'image',
    'build',
    digits(),
    '--base',
    refusing.base,
    '-t',
    name,
    '--push',
  ]);
  assert.equal(ended.code, 3);
  assertSentence(ended, /status 401.*docker login/);
  assert.equal(refusing.registry.document('acme/digits', '1'), undefined);
});
