/** Keys of clients and of issuers that are exchanged while the program runs, as a user exchanges them. */
import assert from 'node:assert/strict';
import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { signer } from '../../src/net/access/fixtures/issuer.ts';
import { root, run, running, until } from '../programs/fairlead.ts';
import { credentials, goodClaims, newKey, serviceFile } from './credentials.ts';

const digits = join(root, 'examples', 'digits');
const model = join(digits, 'models', 'digits', '1');
const body = readFileSync(join(digits, 'request.json'), 'utf8');

/** The status of a prediction. */
async function asked(url: string, credential: string): Promise<number> {
  const headers = { authorization: `Bearer ${credential}` };
  const answer = await fetch(`${url}/predict`, { method: 'POST', body, headers });
  await answer.arrayBuffer();
  return answer.status;
}

for (const verb of ['serve', 'up'] as const)
  test(`${verb}: a client's key is exchanged without a restart and without a failed request`, async t => {
    const known = await credentials(t);
    const file = join(known.folder, 'keys.yaml');
    const { url, stderr } = await running(
      t,
      verb === 'up'
        ? ['up', serviceFile(known, digits)]
        : ['serve', model, '--auth', join(known.folder, 'auth.json')],
    );
    const { keys } = known;
    const steady = await newKey(file, 'steady');
    await until(async () => (await asked(url, steady)) === 200);
    const failed: number[] = [];
    const end = new AbortController();
    const others = (async () => {
      while (!end.signal.aborted) {
        const status = await asked(url, steady);
        if (status !== 200) failed.push(status);
      }
    })();
    const next = await newKey(file, 'alice');
    await until(async () => (await asked(url, next)) === 200);
    assert.equal(await asked(url, keys.predict), 200, 'both are good for a while');
    const entries = readFileSync(file, 'utf8').split(/(?=^ {2}- )/m);
    assert.match(entries[1] ?? '', /name: alice/);
    writeFileSync(file, entries.toSpliced(1, 1).join(''));
    await until(async () => (await asked(url, keys.predict)) === 401);
    assert.equal(await asked(url, next), 200);
    writeFileSync(file, 'keys: [');
    await until(() => stderr().includes('what it said before holds'));
    assert.equal(await asked(url, next), 200);
    end.abort();
    await others;
    assert.deepEqual(failed, []);
  });

test("an issuer's key is exchanged at its address without a restart", async t => {
  const known = await credentials(t);
  const { url } = await running(t, ['up', serviceFile(known, digits)]);
  const before = await known.token();
  assert.equal(await asked(url, before), 200);
  known.issuer.keys = [known.signers.next.jwk];
  const after = await known.signers.next.sign(goodClaims());
  await until(async () => (await asked(url, after)) === 200);
  assert.equal(await asked(url, before), 401);
  known.issuer.away = 'status';
  assert.equal(await asked(url, await known.signers.next.sign(goodClaims())), 200, 'known keys stay good');
});

test("an issuer's key is exchanged in its file without a restart; FAIRLEAD_AUTH says where that is", async t => {
  const known = await credentials(t);
  const file = join(known.folder, 'jwks.json');
  writeFileSync(file, JSON.stringify({ keys: [known.signers.now.jwk] }));
  const { iss: issuer, aud: audience } = goodClaims();
  const auth = JSON.stringify({ predict: { jwt: { issuer, audience, jwks: file } } });
  const { url } = await running(t, ['serve', model], { FAIRLEAD_AUTH: auth });
  const [before, next] = [await known.token(), await signer('later')];
  assert.equal(await asked(url, before), 200);
  writeFileSync(file, JSON.stringify({ keys: [next.jwk] }));
  await until(async () => (await asked(url, before)) === 401);
  assert.equal(await asked(url, await next.sign(goodClaims())), 200);
  // A body that came with the first sight of a token waits for it, and is read whole.
  const large = JSON.stringify({
    inputs: Array.from({ length: 3000 }, () => Array.from({ length: 64 }, () => 0.5)),
  });
  const headers = { authorization: `Bearer ${await next.sign({ ...goodClaims(), sub: 'large' })}` };
  const answer = await fetch(`${url}/predict`, { method: 'POST', body: large, headers });
  assert.equal(answer.status, 200);
  const { predictions } = (await answer.json()) as { predictions: readonly unknown[] };
  assert.equal(predictions.length, 3000);
});

test('a key has as many requests as it may, and is told when to come again', async t => {
  const known = await credentials(t);
  const { url } = await running(t, ['up', serviceFile(known, digits)]);
  const headers = { 'x-api-key': known.keys.limited };
  const answers: (readonly [number, string | null])[] = [];
  for (let count = 0; count < 4; count++) {
    const answer = await fetch(`${url}/predict`, { method: 'POST', body, headers });
    await answer.arrayBuffer();
    answers.push([answer.status, answer.headers.get('retry-after')]);
  }
  for (const answer of answers.slice(0, 3)) assert.deepEqual(answer, [200, null]);
  assert.equal(answers[3]?.[0], 429);
  const wait = Number(answers[3]?.[1]);
  assert.ok(wait > 1100 && wait <= 1200, String(wait));
});

test('key new keeps the comments of a file, hides the file, and makes a key that nobody has', async t => {
  const { folder } = await credentials(t);
  const file = join(folder, 'keys.yaml');
  writeFileSync(file, `# ours\n${readFileSync(file, 'utf8')}# the last\n`);
  const made = await Promise.all([1, 2, 3, 4].map(at => newKey(file, `n${at}`, '--rate', '5/s')));
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^# ours\n/);
  assert.match(text, /# the last/);
  assert.equal(new Set(made).size, 4);
  for (const key of made) {
    assert.match(key, /^fl_[\w-]{43}$/);
    assert.equal(text.includes(key), false);
  }
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const { stdout } = await run(['key', 'list', '--file', file, '-o', 'json']);
  const listed = JSON.parse(stdout) as readonly Record<string, unknown>[];
  assert.deepEqual(
    listed.map(({ name }) => String(name)).toSorted((a, b) => a.localeCompare(b)),
    ['alice', 'lim', 'n1', 'n2', 'n3', 'n4', 'olga'],
  );
  assert.equal(listed.find(({ name }) => name === 'olga')?.['expired'], true);
  const table = (await run(['key', 'list', '--file', file])).stdout;
  assert.match(table, /^NAME +DIGEST +RATE +CONCURRENT +EXPIRES\n/);
  assert.match(table, /^olga +[0-9a-f]{8} +- +- +2020-01-01 \(expired\)$/m);
  const json = join(folder, 'keys.json');
  await newKey(json, 'a');
  await newKey(json, 'b');
  assert.equal((JSON.parse(readFileSync(json, 'utf8')) as { keys: unknown[] }).keys.length, 2);
});

const isRoot = process.getuid?.() === 0;

test('key new leaves a file to whom it belongs', {
  skip: isRoot ? false : 'only root gives files away',
}, async t => {
  const { folder } = await credentials(t);
  const file = join(folder, 'keys.yaml');
  chownSync(file, 12345, 54321);
  await newKey(file, 'next');
  const { uid, gid, mode } = statSync(file);
  assert.deepEqual([uid, gid, mode & 0o777], [12345, 54321, 0o600]);
});

for (const [name, args, says] of [
  ['a name that is none', ['key', 'new', 'a b'], /NAME must be at most 63 letters/],
  ['a rate that is none', ['key', 'new', 'a', '--rate', '5'], /--rate must be a number of requests/],
  ['a day that is none', ['key', 'new', 'a', '--expires', '2027-02-31'], /--expires must be a date/],
  ['a count that is none', ['key', 'new', 'a', '--concurrent', '0'], /--concurrent must be a whole number/],
] as const)
  test(`key new refuses ${name}, and writes nothing`, async t => {
    const { folder } = await credentials(t);
    const file = join(folder, 'other.yaml');
    const { code, stderr } = await run([...args, '--file', file]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
    assert.throws(() => statSync(file));
    assert.throws(() => statSync(`${file}.new`));
  });

for (const [name, auth, file, code, says] of [
  [
    'a field that is none',
    'predict: {key: {file: k}}',
    '',
    2,
    /predict\.key is not a known key; did you mean 'keys'/,
  ],
  ['no credentials', 'predict: {}', '', 2, /predict must have keys or jwt, or both/],
  ['nobody', '{}', '', 2, /must have predict or admin, or both/],
  [
    'an algorithm with a shared secret',
    'predict: {jwt: {issuer: i, audience: a, jwks: k, algorithms: [HS256]}}',
    '',
    2,
    /predict\.jwt\.algorithms\[0\] must be/,
  ],
  [
    'keys that come over the open network',
    'predict: {jwt: {issuer: i, audience: a, jwks: "http://example.test/"}}',
    '',
    2,
    /predict\.jwt\.jwks must be an https: address/,
  ],
  ['no file', 'predict: {keys: {file: none.yaml}}', '', 3, /none\.yaml cannot be read/],
  [
    'a file of faults',
    'predict: {keys: {file: k.yaml}}',
    'keys: [{name: a}]',
    2,
    /k\.yaml has a fault:\n.*keys\[0\]\.sha256/,
  ],
  ['a file of nothing', 'predict: {keys: {file: k.yaml}}', '', 2, /k\.yaml has a fault:\n.*is empty/],
] as const)
  test(`a server with ${name} for who may ask does not start, and says where and why`, async t => {
    const { folder } = await credentials(t);
    writeFileSync(join(folder, 'auth.yaml'), auth);
    writeFileSync(join(folder, 'k.yaml'), file);
    const ended = await run(['serve', model, '--port', '0', '--auth', join(folder, 'auth.yaml')]);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
  });
