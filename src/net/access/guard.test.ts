import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import test, { type TestContext } from 'node:test';
import { AppError, failure, type Logger } from '#base';
import type { Permission } from './endpoints.ts';
import { GATEWAY_HEADER, GatewayOnly } from './gateway-only.ts';
import { AccessGuard, type Authority, type TokenVerifier } from './guard.ts';
import { digestOf, type Key, KeyList } from './key-list.ts';
import { FREE, Limiter, type Pass } from './limiter.ts';
import { Refusals, refusalHeaders } from './refusals.ts';

const NOW = Date.parse('2026-06-01');

function keys(...named: readonly (string | readonly [string, Partial<Key>])[]): () => KeyList {
  const list = new KeyList(
    named.map(one => {
      const [text, more] = typeof one === 'string' ? [one, {}] : one;
      return { name: `of-${text}`, sha256: digestOf(text).toString('hex'), ...more };
    }),
  );
  return () => list;
}

const issuer: TokenVerifier = {
  verify(token) {
    if (token === 'known.good.token') return undefined;
    if (token === 'good.new.token') return Promise.resolve();
    return Promise.reject(failure('credentials_invalid', { problem: 'the token is for another audience' }));
  },
};

interface Said {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>> | undefined;
}

function made(rules: Partial<Record<Permission, Authority>>) {
  const said: Said[] = [];
  const logger: Logger = {
    enabled: () => true,
    log: (_, message, facts) => void said.push({ message, facts }),
  };
  const refusals = new Refusals();
  const clock = { date: NOW };
  const guard = new AccessGuard(rules, {
    clock: { now: () => 0, date: () => new Date(clock.date) },
    logger,
    refusals,
    limiter: new Limiter(),
  });
  const enter = async (needs: Permission | undefined, headers: Readonly<Record<string, string>> = {}) =>
    guard.enter({ needs, header: name => headers[name] });
  return { enter, said, refusals, clock };
}

const both = {
  predict: { keys: keys('p1', 'p2', 'both'), tokens: issuer },
  admin: { keys: keys('a1', 'both') },
};

const cases: readonly (readonly [string, object, Permission | undefined, object, string | undefined])[] = [
  ['a probe needs nothing', both, undefined, {}, undefined],
  ['nothing is no credential', both, 'predict', {}, 'credentials_missing'],
  ['a key for predictions predicts', both, 'predict', { 'x-api-key': 'p2' }, undefined],
  ['a key may be a bearer', both, 'predict', { authorization: 'Bearer p1' }, undefined],
  ['a key for predictions does not administer', both, 'admin', { 'x-api-key': 'p1' }, 'access_denied'],
  ["an administrator's key does not predict", both, 'predict', { 'x-api-key': 'a1' }, 'access_denied'],
  ['a key may be for both', both, 'admin', { 'x-api-key': 'both' }, undefined],
  ['a wrong key is none', both, 'predict', { 'x-api-key': 'p3' }, 'credentials_invalid'],
  ['an unreadable header is none', both, 'predict', { authorization: 'Basic x' }, 'credentials_invalid'],
  [
    'a digest is no key',
    both,
    'predict',
    { 'x-api-key': digestOf('p1').toString('hex') },
    'credentials_invalid',
  ],
  ['a known token predicts', both, 'predict', { authorization: 'Bearer known.good.token' }, undefined],
  ['a good token predicts', both, 'predict', { authorization: 'Bearer good.new.token' }, undefined],
  [
    'another token does not',
    both,
    'predict',
    { authorization: 'Bearer no.good.token' },
    'credentials_invalid',
  ],
  ['a token is no key', both, 'predict', { 'x-api-key': 'good.new.token' }, 'credentials_invalid'],
  [
    'a token does not administer where none may',
    both,
    'admin',
    { authorization: 'Bearer good.new.token' },
    'credentials_invalid',
  ],
  [
    'without admin nobody administers',
    { predict: both.predict },
    'admin',
    { 'x-api-key': 'p1' },
    'access_denied',
  ],
  ['without predict everybody predicts', { admin: both.admin }, 'predict', {}, undefined],
  [
    'an expired key is told from a wrong one',
    { predict: { keys: keys(['old', { expires: NOW }]) } },
    'predict',
    { 'x-api-key': 'old' },
    'credentials_expired',
  ],
  [
    'a key is good until it expires',
    { predict: { keys: keys(['old', { expires: NOW + 1 }]) } },
    'predict',
    { 'x-api-key': 'old' },
    undefined,
  ],
  [
    'an expired key of the other kind is no better than a wrong one',
    { predict: both.predict, admin: { keys: keys(['old', { expires: NOW }]) } },
    'predict',
    { 'x-api-key': 'old' },
    'credentials_invalid',
  ],
];

for (const [name, rules, needs, headers, code] of cases)
  test(name, async () => {
    const { enter, refusals } = made(rules);
    const outcome = await enter(needs, headers as Record<string, string>).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.equal(outcome instanceof AppError ? outcome.code : outcome, code);
    assert.deepEqual(refusals.counted(), code === undefined ? [] : [[code, 1]]);
  });

test('whatever is wrong, nothing that is told holds the credential', async () => {
  const secrets = ['p3-secret', 'a1', 'no.good.token', 'schlüssel'];
  const { enter, said } = made(both);
  const asked = secrets.flatMap(secret =>
    [{ 'x-api-key': secret }, { authorization: `Bearer ${secret}` }].flatMap(headers => [
      { secret, entered: enter('predict', headers) },
      { secret, entered: enter('admin', headers) },
    ]),
  );
  for (const { secret, entered } of asked) {
    const outcome: unknown = await entered.catch((error: unknown) => error);
    if (!(outcome instanceof AppError)) continue;
    const told = JSON.stringify([outcome.message, outcome.facts, refusalHeaders(outcome), outcome.stack]);
    assert.equal(told.includes(secret), false, told);
    assert.equal(outcome.cause, undefined);
  }
  const logged = JSON.stringify(said);
  assert.ok(said.length > 8);
  for (const secret of secrets) assert.equal(logged.replaceAll('of-a1', '').includes(secret), false);
});

test('limits are those of the key, in the words of the log by its name', async () => {
  const { enter, said } = made({ predict: { keys: keys(['p', { concurrent: 1 }]) } });
  const pass: Pass = await enter('predict', { 'x-api-key': 'p' });
  assert.notEqual(pass, FREE);
  await assert.rejects(enter('predict', { 'x-api-key': 'p' }), { code: 'concurrency_exceeded' });
  assert.equal(said[0]?.facts?.['key'], 'of-p');
  pass.leave();
  await enter('predict', { 'x-api-key': 'p' });
});

test('a key that goes, or ends, while a stream is open is good for its next message no more', async () => {
  let list = keys('p', ['ends', { expires: NOW + 1 }])();
  const { enter, refusals, clock } = made({ predict: { keys: () => list } });
  const [gone, over] = [
    await enter('predict', { 'x-api-key': 'p' }),
    await enter('predict', { 'x-api-key': 'ends' }),
  ];
  gone.again();
  over.again();
  clock.date += 1;
  assert.throws(() => over.again(), { code: 'credentials_expired' });
  list = keys('other')();
  assert.throws(() => gone.again(), { code: 'credentials_invalid' });
  assert.equal(refusals.counted().length, 2);
});

test('a token that goes while a stream is open is good for one message more at most', async () => {
  let answer: Promise<void> | undefined;
  const { enter } = made({ predict: { tokens: { verify: () => answer } } });
  const pass = await enter('predict', { authorization: 'Bearer a.b.c' });
  pass.again();
  answer = Promise.reject(failure('credentials_expired', { what: 'token' }));
  pass.again();
  await answer.catch(() => undefined);
  await new Promise(resolve => setImmediate(resolve));
  assert.throws(() => pass.again(), { code: 'credentials_expired' });
});

/** Counts the comparisons that take the same time for all. */
function comparisons(t: TestContext): () => number {
  const compare = t.mock.method(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  t.after(() => {
    compare.mock.restore();
    syncBuiltinESMExports();
  });
  return () => compare.mock.callCount();
}

test('a key is compared with each of a list, wherever it stands, in a time that tells nothing', t => {
  const list = keys(...Array.from({ length: 50 }, (_, at) => `key-${at}`))();
  const count = comparisons(t);
  for (const [at, text] of ['key-0', 'key-49', 'none'].entries()) {
    assert.equal(list.find(digestOf(text))?.name, text === 'none' ? undefined : `of-${text}`);
    assert.equal(count(), 50 * (at + 1));
  }
});

test("a gateway's secret is compared in a time that tells nothing", t => {
  const count = comparisons(t);
  const guard = new GatewayOnly('secret');
  for (const secret of ['secret', 's', '', undefined]) {
    try {
      guard.enter({ needs: 'predict', header: () => secret });
    } catch (error: unknown) {
      assert.ok(error instanceof AppError);
    }
  }
  assert.equal(count(), 4);
});

test('a server behind a gateway answers its gateway and probes', () => {
  const guard = new GatewayOnly('secret');
  const enter = (needs: Permission | undefined, secret?: string): Pass =>
    guard.enter({ needs, header: name => (name === GATEWAY_HEADER ? secret : undefined) });
  assert.equal(enter(undefined), FREE);
  assert.equal(enter('admin', 'secret'), FREE);
  for (const wrong of [undefined, '', 'other', 'secret '])
    assert.throws(() => enter('predict', wrong), { code: 'access_denied', status: 403 });
  assert.deepEqual(guard.refusals.counted(), [['access_denied', 4]]);
});

for (const [error, headers] of [
  [failure('credentials_missing', {}), ['WWW-Authenticate', 'Bearer realm="fairlead"']],
  [
    failure('credentials_expired', { what: 'token' }),
    [
      'WWW-Authenticate',
      'Bearer realm="fairlead", error="invalid_token", error_description="the token has expired"',
    ],
  ],
  [
    failure('access_denied', { problem: 'no', scope: 'a b' }),
    ['WWW-Authenticate', 'Bearer realm="fairlead", error="insufficient_scope", scope="a b"'],
  ],
  [failure('access_denied', { problem: 'no' }), []],
  [failure('rate_exceeded', { limit: '1', wait: 2.001 }), ['Retry-After', '3']],
  [failure('rate_exceeded', { limit: '1', wait: 0.001 }), ['Retry-After', '1']],
  [failure('concurrency_exceeded', { limit: 1 }), ['Retry-After', '1']],
  [failure('issuer_unavailable', { problem: 'gone' }), ['Retry-After', '1']],
  [failure('draining', {}), []],
] as const)
  test(`${error.code} is told in headers as ${headers.join(': ') || 'nothing'}`, () =>
    assert.deepEqual(refusalHeaders(error), headers));
