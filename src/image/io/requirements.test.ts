import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { AppError } from '#base';
import { IndexServer, sendBytes } from '../fixtures/index-server.ts';
import { type PythonBase, pythonBase } from '../fixtures/python-base.ts';
import { lockOf, type MadeUp, type Wheel, wheelOf } from '../fixtures/wheels.ts';
import type { LayerFiles } from '../recipe.ts';
import { gatherRequirements } from './requirements.ts';

interface Ground {
  readonly cache: string;
  readonly index: IndexServer;
  readonly gather: (
    text: string,
    more?: { base?: PythonBase; environment?: Record<string, string>; signal?: AbortSignal },
  ) => Promise<LayerFiles>;
}

/** An index with these wheels, and a cache that is empty; both are gone after the test. */
async function ground(t: TestContext, ...wheels: readonly Wheel[]): Promise<Ground> {
  const index = await IndexServer.start(t, ...wheels);
  const cache = mkdtempSync(join(tmpdir(), 'fairlead-wheels-'));
  t.after(() => rmSync(cache, { recursive: true, force: true }));
  return {
    cache,
    index,
    gather: (text, { base, environment, signal = AbortSignal.timeout(30_000) } = {}) =>
      gatherRequirements(
        { file: 'requirements.lock', text },
        {
          base: pythonBase(base),
          cache,
          // Nothing of this machine's is read.
          environment: {
            PIP_CONFIG_FILE: '/dev/null',
            HOME: '/nonexistent',
            PIP_INDEX_URL: index.url,
            ...environment,
          },
          random: { next: () => 0 },
          signal,
        },
      ),
  };
}

const SITE = 'opt/venv/lib/python3.11/site-packages';

function textAt(layer: LayerFiles, path: string): string | undefined {
  const entry = layer.entries.find(one => one.path === path);
  if (entry?.kind !== 'file') return undefined;
  return Buffer.from(typeof entry.from === 'string' ? readFileSync(entry.from) : entry.from).toString();
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name);
}

async function refusal(gathering: Promise<unknown>): Promise<AppError> {
  return gathering.then(
    () => assert.fail('it was gathered'),
    (error: unknown) => error as AppError,
  );
}

test('packages lie in a virtual environment, each what its hash says, and a second build asks nobody', async t => {
  const alpha = wheelOf({
    name: 'alpha',
    metadata: ['License-Expression: MIT', 'Requires-Dist: beta_kit>=2'],
  });
  const beta = wheelOf({ name: 'beta_kit', version: '2.1', tag: 'cp311-cp311-manylinux2014_x86_64' });
  const { gather, index } = await ground(t, alpha, beta);
  const text = lockOf(alpha, beta);
  const layer = await gather(text);
  assert.equal(layer.title, '2 packages of Python 3.11 from requirements.lock');
  assert.equal(textAt(layer, `${SITE}/alpha/__init__.py`), "VERSION = '1.0'\n");
  assert.equal(
    textAt(layer, 'opt/venv/pyvenv.cfg'),
    'home = /usr/local/bin\ninclude-system-site-packages = false\nversion = 3.11.13\n',
  );
  assert.deepEqual(
    layer.entries.find(({ path }) => path === 'opt/venv/bin/python'),
    { kind: 'link', path: 'opt/venv/bin/python', target: '/usr/local/bin/python3.11' },
  );
  assert.deepEqual(
    layer.packages.map(({ kind, name, version, licence, sha256 }) => [kind, name, version, licence, sha256]),
    [
      ['pypi', 'alpha', '1.0', 'MIT', alpha.sha256],
      ['pypi', 'beta-kit', '2.1', undefined, beta.sha256],
    ],
  );
  const asked = index.asked.length;
  const again = await gather(text);
  assert.equal(index.asked.length, asked, 'the index was asked again');
  assert.deepEqual(again, layer);
});

test('the wheel is the one for the platform and the library of the base, whichever machine builds', async t => {
  const tags = [
    'cp311-cp311-manylinux2014_x86_64',
    'cp311-cp311-manylinux2014_aarch64',
    'cp311-cp311-musllinux_1_2_x86_64',
    'py3-none-any',
  ];
  const wheels = tags.map(tag => wheelOf({ name: 'n', tag }));
  const { gather } = await ground(t, ...wheels);
  const text = `n==1.0 ${wheels.map(({ sha256 }) => `--hash=sha256:${sha256}`).join(' ')}`;
  const bases: readonly PythonBase[] = [
    {},
    { platform: 'linux/arm64' },
    { packages: [{ kind: 'apk', name: 'musl', version: '1.2.5-r0' }] },
    { packages: [{ kind: 'apk', name: 'musl', version: '1.1.24-r0' }] },
  ];
  const found: (string | undefined)[] = [];
  for (const base of bases) found.push((await gather(text, { base })).packages[0]?.sha256);
  assert.deepEqual(
    found,
    wheels.map(({ sha256 }) => sha256),
  );
});

test('what is not for this place is left out, and nobody is asked for it', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, index } = await ground(t, alpha);
  const layer = await gather(
    `${lockOf(alpha)}colorama==1 ; sys_platform == 'win32' --hash=sha256:${'0'.repeat(64)}`,
  );
  assert.deepEqual(
    layer.packages.map(({ name }) => name),
    ['alpha'],
  );
  assert.deepEqual(
    index.asked.map(({ path }) => path),
    ['/simple/alpha/', `/files/${alpha.file}`],
  );
});

test('a page of HTML without hashes will do: what comes is what is locked, or is refused', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, index } = await ground(t, alpha);
  index.behave((request, response) => {
    if (request.url !== '/simple/alpha/') return false;
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<a href="../../files/${alpha.file}">alpha</a>`);
    return true;
  });
  assert.equal((await gather(lockOf(alpha))).packages[0]?.sha256, alpha.sha256);
  const error = await refusal(gather(`alpha==1.0 --hash=sha256:${'0'.repeat(64)}`));
  assert.equal(error.code, 'source_invalid');
  assert.match(
    error.message,
    /alpha-1\.0-py3-none-any\.whl has the digest sha256:[0-9a-f]{64}, which is not locked/,
  );
});

test('a folder of wheels is an index of its own, and so is an address', async t => {
  const [alpha, beta] = [wheelOf({ name: 'alpha' }), wheelOf({ name: 'beta' })];
  const { gather, index, cache } = await ground(t, beta);
  const folder = join(cache, 'mine');
  mkdirSync(folder);
  writeFileSync(join(folder, alpha.file), alpha.bytes);
  const text = `--no-index\n--find-links ${folder}\n${lockOf(alpha)}beta @ ${index.origin}/files/${beta.file} --hash=sha256:${beta.sha256}`;
  assert.deepEqual(
    (await gather(text)).packages.map(({ name }) => name),
    ['alpha', 'beta'],
  );
  assert.deepEqual(
    index.asked.map(({ path }) => path),
    [`/files/${beta.file}`],
  );
});

test('a relative folder of wheels lies beside the lock', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { cache } = await ground(t);
  mkdirSync(join(cache, 'mine'));
  writeFileSync(join(cache, 'mine', alpha.file), alpha.bytes);
  const text = `--no-index\n--find-links ./mine\n${lockOf(alpha)}`;
  const layer = await gatherRequirements(
    { file: join(cache, 'requirements.lock'), text },
    {
      base: pythonBase(),
      cache,
      environment: { PIP_CONFIG_FILE: '/dev/null', HOME: '/nonexistent' },
      random: { next: () => 0 },
      signal: AbortSignal.timeout(30_000),
    },
  );
  assert.equal(layer.packages[0]?.sha256, alpha.sha256);
  // Where the lock lies is not said in the image: it would be another one elsewhere.
  assert.equal(layer.title, '1 package of Python 3.11 from requirements.lock');
});

test('credentials of an index go to it, also for its files, and are never shown', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, index } = await ground(t, alpha);
  const other = await IndexServer.start(t);
  const secret = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  index.behave((request, response) => {
    if (request.headers.authorization === secret) return false;
    response.writeHead(401).end();
    return true;
  });
  const url = index.url.replace('://', '://me:s3cret@');
  await gather(lockOf(alpha), { environment: { PIP_INDEX_URL: url, PIP_EXTRA_INDEX_URL: other.url } });
  assert.deepEqual(
    other.asked.map(({ authorization }) => authorization),
    [undefined],
  );
  const wrong = await refusal(
    gather(lockOf(wheelOf({ name: 'beta' })), {
      environment: { PIP_INDEX_URL: index.url.replace('://', '://me:wr0ng@') },
    }),
  );
  assert.equal(wrong.code, 'source_refused');
  assert.match(wrong.message, /give it credentials/);
  const missing = await refusal(
    gather(lockOf(wheelOf({ name: 'beta' })), { environment: { PIP_INDEX_URL: url } }),
  );
  assert.equal(missing.code, 'requirements_invalid');
  for (const error of [wrong, missing]) assert.doesNotMatch(error.message, /s3cret|wr0ng/);
});

test('a download that breaks off goes on from there, also with the next call', async t => {
  const alpha = wheelOf({
    name: 'alpha',
    files: { 'alpha/data.txt': Array.from({ length: 20_000 }, (_, at) => String(at * 7919)).join('') },
  });
  const { gather, index } = await ground(t, alpha);
  const half = Math.floor(alpha.bytes.length / 2);
  let isBroken = true;
  index.behave((request, response) => {
    if (request.url !== `/files/${alpha.file}` || !isBroken) return false;
    if (request.headers.range !== undefined) return response.writeHead(404).end() !== undefined;
    response.writeHead(200, { 'content-length': alpha.bytes.length });
    response.write(alpha.bytes.subarray(0, half), () => response.destroy());
    return true;
  });
  assert.equal((await refusal(gather(lockOf(alpha)))).code, 'source_missing');
  isBroken = false;
  await gather(lockOf(alpha));
  const starts = index.asked.flatMap(({ range }) => /^bytes=(\d+)-/.exec(range ?? '')?.[1] ?? []).map(Number);
  assert.equal(starts.length, 2);
  assert.ok(
    starts.every(start => start > 0 && start <= half),
    String(starts),
  );
});

test('what was left of another file is fetched anew, and what is another file is refused, and none is kept', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, index, cache } = await ground(t, alpha);
  mkdirSync(join(cache, 'wheels/partial'), { recursive: true });
  writeFileSync(join(cache, 'wheels/partial', alpha.sha256), 'something else');
  await gather(lockOf(alpha));
  const beta = wheelOf({ name: 'beta' });
  index.behave((request, response) => {
    const { url = '', headers } = request;
    if (url === '/simple/beta/') response.end(`<a href="/files/${beta.file}#sha256=${beta.sha256}">beta</a>`);
    if (url === `/files/${beta.file}`) sendBytes(Buffer.from('no wheel'), headers.range, response);
    return url.includes('beta');
  });
  const error = await refusal(gather(lockOf(beta)));
  assert.equal(error.code, 'source_invalid');
  assert.match(
    error.message,
    /beta-1\.0-py3-none-any\.whl has the digest sha256:[0-9a-f]{64}, which is not locked/,
  );
  assert.deepEqual(filesUnder(join(cache, 'wheels/partial')), []);
  assert.deepEqual(readdirSync(join(cache, 'wheels/sha256')), [alpha.sha256]);
});

test('what of the cache was changed is unpacked anew', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, index } = await ground(t, alpha);
  const layer = await gather(lockOf(alpha));
  const entry = layer.entries.find(({ path }) => path === `${SITE}/alpha/__init__.py`);
  assert.ok(entry?.kind === 'file' && typeof entry.from === 'string');
  writeFileSync(entry.from, 'malice');
  const asked = index.asked.length;
  assert.equal(textAt(await gather(lockOf(alpha)), entry.path), "VERSION = '1.0'\n");
  assert.equal(index.asked.length, asked);
});

const faults: readonly {
  title: string;
  wheels: readonly MadeUp[];
  lock?: (wheels: readonly Wheel[]) => string;
  base?: PythonBase;
  code: string;
  message: RegExp;
}[] = [
  {
    title: 'a package that the index does not have',
    wheels: [],
    lock: () => lockOf(wheelOf({ name: 'alpha' })),
    code: 'requirements_invalid',
    message:
      /^requirements\.lock: line 1: alpha 1\.0 has no wheel for CPython 3\.11 on linux\/amd64 with glibc 2\.36: http:\/\/127\.0\.0\.1:\d+\/simple has no such package; lock a version that has one/,
  },
  {
    title: 'a version that the index does not have',
    wheels: [{ name: 'alpha' }],
    lock: () => lockOf(wheelOf({ name: 'alpha', version: '2' })),
    code: 'requirements_invalid',
    message: /alpha 2 has no wheel for .*: there is no such version/,
  },
  {
    title: 'hashes that the index does not have',
    wheels: [{ name: 'alpha' }],
    lock: () => `alpha==1.0 --hash=sha256:${'0'.repeat(64)}`,
    code: 'requirements_invalid',
    message: /it is offered, but with none of the hashes that are locked/,
  },
  {
    title: 'wheels for others only',
    wheels: [{ name: 'alpha', tag: 'cp312-cp312-win_amd64' }],
    code: 'requirements_invalid',
    message: /those that are locked are for cp312-cp312-win_amd64/,
  },
  {
    title: 'a dependency that is not locked',
    wheels: [
      {
        name: 'alpha',
        metadata: ['Requires-Dist: joblib>=1.2.0', "Requires-Dist: pytest ; extra == 'test'"],
      },
    ],
    code: 'requirements_invalid',
    message:
      /^requirements\.lock: alpha 1\.0 needs joblib>=1\.2\.0, which is not locked; lock it: `uv pip compile/,
  },
  {
    title: 'a dependency that is locked as another version',
    wheels: [{ name: 'alpha', metadata: ['Requires-Dist: beta (>=2)'] }, { name: 'beta' }],
    code: 'requirements_invalid',
    message: /alpha 1\.0 needs beta>=2, and 1\.0 is locked/,
  },
  {
    title: 'a Python that is too new for the base',
    wheels: [{ name: 'alpha', metadata: ['Requires-Python: >=3.12'] }],
    code: 'requirements_invalid',
    message: /alpha 1\.0 needs Python >=3\.12, and the base has 3\.11\.13; name another base with --base/,
  },
  {
    title: 'a wheel of another name within',
    wheels: [{ name: 'alpha', files: { 'alpha-1.0.dist-info/METADATA': 'Name: beta\nVersion: 1.0\n\n' } }],
    code: 'requirements_invalid',
    message: /alpha-1\.0-py3-none-any\.whl says that it is beta 1\.0, and alpha 1\.0 is locked/,
  },
  {
    title: 'a wheel of a format that is not known',
    wheels: [{ name: 'alpha', files: { 'alpha-1.0.dist-info/WHEEL': 'Wheel-Version: 2.0\n' } }],
    code: 'requirements_invalid',
    message: /is a wheel of the version 2\.0, and 1 is known/,
  },
  {
    title: 'a wheel that leads out',
    wheels: [{ name: 'alpha', files: { '../../evil.py': '' } }],
    code: 'archive_invalid',
    message: /alpha-1\.0-py3-none-any\.whl is not unpacked: '\.\.\/\.\.\/evil\.py' leads out/,
  },
  {
    title: 'a wheel with no facts of its own',
    wheels: [{ name: 'alpha', files: { 'beta-1.0.dist-info/METADATA': '' } }],
    code: 'archive_invalid',
    message: /alpha-1\.0-py3-none-any\.whl is not unpacked: it has 2 folders/,
  },
  {
    title: 'a wheel that takes the place of the interpreter',
    wheels: [{ name: 'alpha', files: { 'alpha-1.0.data/scripts/python': '#!python\n' } }],
    code: 'requirements_invalid',
    message:
      /holds alpha-1\.0\.data\/scripts\/python, which would take the place of \/opt\/venv\/bin\/python/,
  },
  {
    title: 'two wheels, a file and a folder of one name',
    wheels: [
      { name: 'alpha', files: { 'x/y': '' } },
      { name: 'beta', files: { x: '' } },
    ],
    code: 'requirements_invalid',
    message:
      /two wheels want \/opt\/venv\/lib\/python3\.11\/site-packages\/x, one as a file and one as a folder/,
  },
  {
    title: 'a version that is locked twice',
    wheels: [{ name: 'alpha' }, { name: 'alpha', version: '2' }],
    code: 'requirements_invalid',
    message: /line 3: alpha is locked as 2, and as 1\.0 before that/,
  },
  {
    title: 'what is only to be built',
    wheels: [{ name: 'alpha' }],
    lock: wheels => `--no-binary alpha\n${lockOf(...wheels)}`,
    code: 'requirements_invalid',
    message: /built from its sources/,
  },
  {
    title: 'an index that is none',
    wheels: [{ name: 'alpha' }],
    lock: wheels => `-i ftp://h.example\n${lockOf(...wheels)}`,
    code: 'requirements_invalid',
    message: /the index 'ftp:\/\/h\.example' is no http/,
  },
  {
    title: 'a base without Python',
    wheels: [{ name: 'alpha' }],
    base: { files: ['usr/lib/libc.so.6'] },
    code: 'base_unusable',
    message: /^registry\.example\/python:3\.11-slim cannot be the base: it has no Python 3/,
  },
  {
    title: 'a base without a C library',
    wheels: [{ name: 'alpha' }],
    base: { files: ['usr/bin/python3.11'], packages: [] },
    code: 'base_unusable',
    message: /no C library/,
  },
];

for (const {
  title,
  wheels,
  lock = (all: readonly Wheel[]) => lockOf(...all),
  base = {},
  code,
  message,
} of faults)
  test(`${title}: one sentence says so`, async t => {
    const made = wheels.map(one => wheelOf(one));
    const { gather } = await ground(t, ...made);
    const error = await refusal(gather(lock(made), { base }));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  });

test('an index that cannot be reached is named', async t => {
  const { gather } = await ground(t);
  const signal = AbortSignal.timeout(20_000);
  const error = await refusal(
    gather(lockOf(wheelOf({ name: 'alpha' })), {
      environment: { PIP_INDEX_URL: 'http://127.0.0.1:1/simple' },
      signal,
    }),
  );
  assert.equal(error.code, 'source_unavailable');
  assert.match(
    error.message,
    /^http:\/\/127\.0\.0\.1:1\/simple\/alpha\/: 127\.0\.0\.1:1 lets nobody connect/,
  );
});

test('a cache that cannot be written is named', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, cache } = await ground(t, alpha);
  writeFileSync(join(cache, 'wheels'), 'in the way');
  const error = await refusal(gather(lockOf(alpha)));
  assert.equal(error.code, 'image_unwritable');
  assert.match(error.message, /wheels\/sha256 cannot be written: /);
});

test('a build that is given up ends with its reason', async t => {
  const alpha = wheelOf({ name: 'alpha' });
  const { gather, index } = await ground(t, alpha);
  const stop = new AbortController();
  index.behave(() => {
    stop.abort(new Error('enough'));
    return true;
  });
  await assert.rejects(gather(lockOf(alpha), { signal: stop.signal }), /^Error: enough$/);
});
