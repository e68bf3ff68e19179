import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import {
  type Credentials,
  credentialsIn,
  credentialsOfHelper,
  helperFor,
  helperKey,
  parseDockerConfig,
} from './docker-config.ts';

const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });
const me: Credentials = { user: 'me', password: 'word' };

const entries: readonly { key: string; value: unknown; at: string; found?: Credentials }[] = [
  { key: 'r.io', value: auth('me:word'), at: 'r.io/a/b', found: me },
  { key: 'r.io:5000', value: auth('me:word'), at: 'r.io:5000/a', found: me },
  { key: 'https://r.io/v1/', value: auth('me:word'), at: 'r.io/a', found: me },
  { key: 'https://r.io', value: auth('me:word'), at: 'r.io/a', found: me },
  { key: 'r.io/a', value: auth('me:word'), at: 'r.io/a/b', found: me },
  { key: 'r.io/a/c', value: auth('me:word'), at: 'r.io/a/b' },
  { key: 'r.io/a', value: auth('me:word'), at: 'r.io/ab' },
  { key: 'other.io', value: auth('me:word'), at: 'r.io/a' },
  { key: 'r.io', value: auth('me:word'), at: 'r.io.evil.example/a' },
  { key: 'https://index.docker.io/v1/', value: auth('me:word'), at: 'docker.io/library/x', found: me },
  { key: 'docker.io', value: auth('me:word'), at: 'docker.io/library/x', found: me },
  { key: 'r.io', value: auth('me:wo:rd'), at: 'r.io/a', found: { user: 'me', password: 'wo:rd' } },
  { key: 'r.io', value: { username: 'me', password: 'word' }, at: 'r.io/a', found: me },
  {
    key: 'r.io',
    value: { ...auth('0:'), identitytoken: 'long' },
    at: 'r.io/a',
    found: { identityToken: 'long' },
  },
  { key: 'r.io', value: {}, at: 'r.io/a' },
  { key: 'r.io', value: auth('no colon'), at: 'r.io/a' },
  { key: 'r.io', value: null, at: 'r.io/a' },
];

for (const { key, value, at, found } of entries)
  test(`an entry for ${key} (${JSON.stringify(value)}) is ${found === undefined ? 'none' : 'one'} for ${at}`, () => {
    const config = parseDockerConfig(JSON.stringify({ auths: { [key]: value } }));
    assert.ok(config !== undefined);
    const slash = at.indexOf('/');
    assert.deepEqual(credentialsIn(config, at.slice(0, slash), at.slice(slash + 1)), found);
  });

test('the nearest entry wins', () => {
  const auths = { 'r.io': auth('host:x'), 'r.io/a': auth('owner:x'), 'r.io/a/b': auth('own:x') };
  const config = parseDockerConfig(JSON.stringify({ auths }));
  assert.ok(config !== undefined);
  const users = ['a/b', 'a/c', 'b'].map(repository => {
    const found = credentialsIn(config, 'r.io', repository);
    return found !== undefined && 'user' in found ? found.user : undefined;
  });
  assert.deepEqual(users, ['own', 'owner', 'host']);
});

test('a helper of its own goes before the store for all, and neither is any program', () => {
  const config = parseDockerConfig(
    '{"credsStore":"desktop","credHelpers":{"r.io":"ecr-login","x.io":"../../bin/sh"}}',
  );
  assert.ok(config !== undefined);
  assert.deepEqual(
    ['r.io', 'x.io', 'y.io'].map(registry => helperFor(config, registry)),
    ['ecr-login', 'desktop', 'desktop'],
  );
  assert.equal(parseDockerConfig('{"credsStore":"a;b"}')?.credsStore, undefined);
  assert.equal(helperKey('docker.io'), 'https://index.docker.io/v1/');
});

const printed: readonly (readonly [string, Credentials | undefined])[] = [
  ['{"ServerURL":"r.io","Username":"me","Secret":"word"}', me],
  ['{"Username":"<token>","Secret":"long"}', { identityToken: 'long' }],
  ['{"Username":"me","Secret":""}', undefined],
  ['{}', undefined],
  ['no JSON', undefined],
];

for (const [text, found] of printed)
  test(`a helper that prints ${text} gives ${found === undefined ? 'nothing' : 'credentials'}`, () => {
    assert.deepEqual(credentialsOfHelper(text), found);
  });

test('any file is read, or is none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), text => {
      const config = parseDockerConfig(text);
      if (config !== undefined) credentialsIn(config, 'r.io', 'a/b');
    }),
  );
});
