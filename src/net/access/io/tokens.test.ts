/** Tokens of a real issuer's kind: signed by jose, and checked by keys that come from a file or over HTTP. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { SignJWT } from 'jose';
import { AppError } from '#base';
import { serveKeys, signer } from '../fixtures/issuer.ts';
import type { TokenRules } from '../token-rules.ts';
import { type FetchTimes, type KeySetSource, openKeySet } from './key-set-source.ts';
import { Tokens } from './tokens.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z') / 1000;

const rules: TokenRules = {
  issuer: 'https://issuer.test/',
  audience: 'digits',
  jwks: '',
  algorithms: ['RS256', 'ES256'],
  leewayMs: 30_000,
};

const good = { iss: rules.issuer, aud: rules.audience, exp: NOW + 60 };

/** Each look at the issuer is one that a client causes. */
const times: FetchTimes = { answerMs: 5000, refreshMs: 3_600_000, cooldownMs: 0, firstCooldownMs: 0 };

async function checking(t: TestContext, changes: Partial<TokenRules> = {}, slow: Partial<FetchTimes> = {}) {
  const [old, next, other] = await Promise.all([signer('old'), signer('next'), signer('old')]);
  const served = await serveKeys(t, [old.jwk]);
  const clock = { seconds: NOW };
  const source: KeySetSource = openKeySet(served.url, {
    logger: { enabled: () => true, log: () => undefined },
    now: () => clock.seconds * 1000,
    times: { ...times, ...slow },
  });
  t.after(() => source.close());
  const tokens = new Tokens({ ...rules, ...changes }, source, {
    now: () => 0,
    date: () => new Date(clock.seconds * 1000),
  });
  /** The code and words of what is wrong with a token. */
  const verdict = async (token: string): Promise<string | undefined> => {
    const error: unknown = await Promise.resolve(tokens.verify(token)).catch((thrown: unknown) => thrown);
    if (error !== undefined) assert.ok(error instanceof AppError && error.cause === undefined);
    return error instanceof AppError ? `${error.code}: ${error.message}` : undefined;
  };
  return { old, next, other, served, clock, source, tokens, verdict };
}

test('a token that is as it must be is good, and known the second time', async t => {
  const { old, tokens, verdict } = await checking(t);
  const token = await old.sign(good);
  assert.equal(await verdict(token), undefined);
  assert.equal(await verdict(token), undefined);
  assert.equal(tokens.verify(token), undefined);
});

for (const [name, claims, told] of [
  ['another issuer', { iss: 'https://other.test/' }, /credentials_invalid: .*another issuer/],
  ['another audience', { aud: 'other' }, /credentials_invalid: .*another audience/],
  ['no audience', { aud: [] as string[] }, /credentials_invalid: .*another audience/],
  ['one audience of several', { aud: ['other', 'digits'] as string[] }, undefined],
  ['a time that is over', { exp: NOW - 31 }, /credentials_expired: the token has expired/],
  ['a time that is over within the leeway', { exp: NOW - 29 }, undefined],
  ['no end', { exp: Number.NaN }, /credentials_invalid: .*does not say when it expires/],
  ['a beginning to come', { nbf: NOW + 31 }, /credentials_invalid: .*not good yet/],
  ['a beginning to come within the leeway', { nbf: NOW + 29 }, undefined],
] as const)
  test(`a token of ${name} is ${told === undefined ? 'good' : 'refused'}`, async t => {
    const { old, verdict } = await checking(t);
    const { exp, ...rest } = { ...good, ...claims };
    const found = await verdict(await old.sign({ ...rest, ...(Number.isNaN(exp) ? {} : { exp }) }));
    if (told === undefined) assert.equal(found, undefined);
    else assert.match(found ?? 'good', told);
  });

for (const [name, claims, is] of [
  ['a text', { scope: 'read predict' }, true],
  ['a list', { scp: ['predict', 'read'] }, true],
  ['half of it', { scope: 'predict' }, false],
  ['a longer word', { scope: 'predictions read' }, false],
  ['nothing', {}, false],
] as const)
  test(`a scope in ${name} is ${is ? 'enough' : 'not enough, which is 403'}`, async t => {
    const { old, verdict } = await checking(t, { scope: 'predict read' });
    const found = await verdict(await old.sign({ ...good, ...claims }));
    if (is) assert.equal(found, undefined);
    else assert.match(found ?? 'good', /^access_denied: .*lacks the scope 'predict read'/);
  });

test('tokens that are not signed by the issuer are refused', async t => {
  const { old, other, verdict } = await checking(t);
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = `${encoded({ alg: 'none', kid: 'old' })}.${encoded(good)}.AA`;
  const secret = new TextEncoder().encode(JSON.stringify(old.jwk).padEnd(64));
  const symmetric = await new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: 'old' }).sign(secret);
  const signed = await old.sign(good);
  const [head = '', , signature = ''] = signed.split('.');
  const changed = `${head}.${encoded({ ...good, sub: 'root' })}.${signature}`;
  for (const token of [none, symmetric, await other.sign(good), changed, 'a.b.c', `${signed}A`])
    assert.match((await verdict(token)) ?? 'good', /^credentials_invalid/, token);
});

test('an algorithm that is not allowed is refused, though the key would do', async t => {
  const { old, verdict } = await checking(t, { algorithms: ['ES256'] });
  assert.match((await verdict(await old.sign(good))) ?? 'good', /algorithm is not allowed/);
});

test('a key that is new is looked for, and one that the issuer withdrew is good no more', async t => {
  const { old, next, served, verdict, tokens } = await checking(t);
  const before = await old.sign(good);
  assert.equal(await verdict(before), undefined);
  assert.equal(await verdict(before), undefined);
  served.keys = [next.jwk];
  assert.equal(tokens.verify(before), undefined, 'nobody has looked again yet');
  assert.equal(await verdict(await next.sign(good)), undefined);
  assert.match((await verdict(before)) ?? 'good', /has no key that signed the token/);
});

test('a known token is good until it expires', async t => {
  const { old, clock, tokens, verdict } = await checking(t);
  const token = await old.sign(good);
  await verdict(token);
  await verdict(token);
  clock.seconds += 89;
  assert.equal(tokens.verify(token), undefined);
  clock.seconds += 1;
  assert.match((await verdict(token)) ?? 'good', /credentials_expired/);
});

test('unknown keys do not make the server ask its issuer more often than it should', async t => {
  const { old, next, served, clock, verdict } = await checking(t, {}, { cooldownMs: 5000 });
  assert.equal(await verdict(await old.sign(good)), undefined);
  for (let count = 0; count < 20; count++)
    assert.match((await verdict(await next.sign(good))) ?? 'good', /no key/);
  assert.equal(served.asked, 1);
  served.keys = [old.jwk, next.jwk];
  clock.seconds += 5;
  assert.equal(await verdict(await next.sign(good)), undefined);
  assert.equal(served.asked, 2);
});

test('while the issuer is away its keys stay good, and who has none of them is told so', async t => {
  const { old, next, served, verdict } = await checking(t);
  assert.equal(await verdict(await old.sign(good)), undefined);
  for (const away of ['status', 'garbage', 'endless', 'elsewhere'] as const) {
    served.away = away;
    assert.match((await verdict(await next.sign(good))) ?? 'good', /no key/, away);
    assert.equal(await verdict(await old.sign({ ...good, sub: away })), undefined, away);
  }
  const fresh = await checking(t);
  fresh.served.away = 'status';
  fresh.served.asked = 0;
  const source = openKeySet(fresh.served.url, {
    logger: { enabled: () => false, log: () => undefined },
    now: () => 0,
    times,
  });
  t.after(() => source.close());
  const tokens = new Tokens(rules, source, { now: () => 0, date: () => new Date(NOW * 1000) });
  await assert.rejects(Promise.resolve(tokens.verify(await old.sign(good))), {
    code: 'issuer_unavailable',
    status: 503,
    message: /the answer has the status 500/,
  });
});
