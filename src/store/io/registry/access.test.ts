import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import test from 'node:test';
import type { ErrorCode } from '#base';
import { type Manner, refuse, TestRegistry } from '../../fixtures/registry.ts';
import { BASIC, clientAt, guarded, rejects, signal, withLogin } from '../../fixtures/registry-client.ts';

interface Tokens {
  readonly manner: Manner;
  issued: number;
  /** What the last asker for a token sent. */
  query: URLSearchParams;
  authorization: string | undefined;
}

/** A server for tokens `t1`, `t2`, …, of which the last one counts. */
function tokens(answer: (token: string) => object = token => ({ token })): Tokens {
  const state: Tokens = {
    issued: 0,
    query: new URLSearchParams(),
    authorization: undefined,
    manner: (request, response) => {
      if (!request.url?.startsWith('/token')) return false;
      state.issued++;
      state.query = new URL(request.url, 'http://x').searchParams;
      state.authorization = request.headers.authorization;
      response.end(JSON.stringify(answer(`t${state.issued}`)));
      return true;
    },
  };
  return state;
}

const bearer = (request: IncomingMessage): string =>
  `Bearer realm="http://${request.headers.host}/token",service="r",scope="repository:a/b:pull"`;

test('a public repository asks for a token of its own accord, and gives one to nobody in particular', async t => {
  const server = tokens();
  const { client, registry } = await clientAt(t, [
    server.manner,
    guarded(() => `Bearer t${server.issued}`, bearer),
  ]);
  await client.manifest('v1', signal());
  await client.manifest('v1', signal());
  assert.equal(server.issued, 1);
  assert.equal(server.authorization, undefined);
  assert.deepEqual(
    [...server.query],
    [
      ['service', 'r'],
      ['scope', 'repository:a/b:pull'],
    ],
  );
  assert.equal(registry.asked.length, 4, 'one is refused, one is for the token, two are let in');
});

test('a ping tells whether a registry is there and lets one in', async t => {
  const here: Manner = (request, response) => {
    if (request.url === '/v2/') response.end('{}');
    return request.url === '/v2/';
  };
  const guard = guarded(
    () => BASIC,
    () => 'Basic realm="r"',
  );
  await (await clientAt(t, [guard, here], withLogin)).client.ping(signal());
  await rejects((await clientAt(t, [guard, here])).client.ping(signal()), 'source_refused', /status 401/);
  await rejects((await clientAt(t)).client.ping(signal()), 'source_missing', /status 404/);
});

test('a password is sent for the token only', async t => {
  const server = tokens();
  const at = await clientAt(t, [server.manner, guarded(() => `Bearer t${server.issued}`, bearer)], withLogin);
  await at.client.manifest('v1', signal());
  assert.equal(server.authorization, BASIC);
  const sent = at.registry.asked.filter(({ path }) => path.startsWith('/v2/')).map(one => one.authorization);
  assert.deepEqual(sent, [undefined, 'Bearer t1']);
});

test('those who ask at once get one token', async t => {
  const server = tokens();
  const { client } = await clientAt(t, [server.manner, guarded(() => `Bearer t${server.issued}`, bearer)]);
  await Promise.all(Array.from({ length: 8 }, () => client.manifest('v1', signal())));
  assert.equal(server.issued, 1);
});

test('who gives up while a token is awaited takes it from nobody else', async t => {
  const server = tokens();
  let isHeld = true;
  const held: Manner = request => isHeld && request.url?.startsWith('/token') === true;
  const manners = [held, server.manner, guarded(() => `Bearer t${server.issued}`, bearer)];
  const { client, registry } = await clientAt(t, manners);
  const giveUp = new AbortController();
  const first = client.manifest('v1', giveUp.signal);
  first.catch(() => {});
  const isAsked = (): boolean => registry.asked.some(({ path }) => path.startsWith('/token'));
  while (!isAsked()) await new Promise(resolve => setImmediate(resolve));
  const second = client.manifest('v1', signal());
  isHeld = false;
  giveUp.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  await second;
});

test('a token that no longer counts is replaced by another one', async t => {
  const server = tokens(token => ({ access_token: token, expires_in: 3600 }));
  let valid = 'Bearer t1';
  const { client } = await clientAt(t, [server.manner, guarded(() => valid, bearer)]);
  await client.manifest('v1', signal());
  valid = 'Bearer t2';
  await client.manifest('v1', signal());
  assert.equal(server.issued, 2);
});

test('a token that is refused at once is asked for once', async t => {
  const server = tokens();
  const { client } = await clientAt(t, [server.manner, guarded(() => 'Bearer none', bearer)]);
  await rejects(
    client.manifest('v1', signal()),
    'source_refused',
    /status 401, unauthorized; run `docker login/,
  );
  assert.equal(server.issued, 1);
});

test('a registry may ask for the password itself', async t => {
  const { client } = await clientAt(
    t,
    [
      guarded(
        () => BASIC,
        () => 'Basic realm="r"',
      ),
    ],
    withLogin,
  );
  assert.equal((await client.manifest('v1', signal())).document.kind, 'manifest');
});

test('without credentials a refusal says how to log in', async t => {
  const { client, registry } = await clientAt(t, [
    guarded(
      () => BASIC,
      () => 'Basic realm="r"',
    ),
  ]);
  const error = await rejects(client.manifest('v1', signal()), 'source_refused', /DOCKER_CONFIG/);
  assert.ok(error.message.includes(`docker login ${registry.host}`));
});

test('a token of an identity is exchanged by a form, which no redirect is given', async t => {
  const bodies: string[] = [];
  const exchange: Manner = (request, response) => {
    if (request.method !== 'POST') return false;
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.end('{"access_token":"mine"}'));
    return true;
  };
  const config = { auths: { REGISTRY: { auth: 'MDo=', identitytoken: 's3cr3t-identity' } } };
  const { client } = await clientAt(t, [exchange, guarded(() => 'Bearer mine', bearer)], config);
  await client.manifest('v1', signal());
  const form = new URLSearchParams(bodies.join(''));
  assert.deepEqual(Object.fromEntries(form), {
    service: 'r',
    scope: 'repository:a/b:pull',
    grant_type: 'refresh_token',
    client_id: 'fairlead',
    refresh_token: 's3cr3t-identity',
  });
  const elsewhere = await TestRegistry.start(t);
  const redirecting: Manner = (request, response) => {
    if (request.method !== 'POST') return false;
    response.writeHead(307, { location: `${elsewhere.origin}/token` }).end();
    return true;
  };
  const other = await clientAt(t, [redirecting, guarded(() => 'Bearer mine', bearer)], config);
  await rejects(other.client.manifest('v1', signal()), 'source_invalid', /status 307/);
  assert.deepEqual(elsewhere.asked, []);
});

const realms: readonly (readonly [string, ErrorCode, RegExp])[] = [
  ['http://tokens.example/token', 'source_refused', /tokens\.example by plain http/],
  ['http://127.0.0.2/token', 'source_refused', /by plain http/],
  ['ftp://127.0.0.1/token', 'source_refused', /by plain http/],
  ['token', 'source_invalid', /no URL/],
];

for (const [realm, code, message] of realms)
  test(`a password is not sent to ${realm}`, async t => {
    const { client } = await clientAt(
      t,
      [
        guarded(
          () => 'x',
          () => `Bearer realm="${realm}"`,
        ),
      ],
      withLogin,
    );
    await rejects(client.manifest('v1', signal()), code, message);
  });

for (const [name, answer] of [
  ['no token', {}],
  ['a token with a line break', { token: 'a\r\nX-Evil: 1' }],
  ['a number', { token: 5 }],
] as const)
  test(`a server for tokens that gives ${name} is refused`, async t => {
    const server = tokens(() => answer);
    const { client } = await clientAt(t, [server.manner, guarded(() => 'x', bearer)]);
    await rejects(client.manifest('v1', signal()), 'source_invalid', /gave no token/);
  });

test('a wrong password is told as one', async t => {
  const refusing: Manner = (request, response) => {
    if (!request.url?.startsWith('/token')) return false;
    refuse(response, 401, 'UNAUTHORIZED');
    return true;
  };
  const { client } = await clientAt(t, [refusing, guarded(() => 'x', bearer)], withLogin);
  await rejects(client.manifest('v1', signal()), 'source_refused', /docker login/);
});

const helper = (script: string): string => `#!/bin/sh\n${script}\n`;
const helpers: readonly {
  name: string;
  script?: string;
  config: object;
  code?: ErrorCode;
  message?: RegExp;
}[] = [
  {
    name: 'is asked for the registry by its input',
    script: 'read it; echo "{\\"Username\\":\\"me\\",\\"Secret\\":\\"s3cr3t\\",\\"Server\\":\\"$it\\"}"',
    config: { credsStore: 'test' },
  },
  {
    name: 'of one registry is asked',
    script: 'cat > /dev/null; echo \'{"Username":"me","Secret":"s3cr3t"}\'',
    config: { credHelpers: { REGISTRY: 'test' }, credsStore: 'absent' },
  },
  {
    name: 'that has none leaves it to the file',
    script: 'cat > /dev/null; echo "credentials not found in native keychain"; exit 1',
    config: { ...withLogin, credsStore: 'test' },
  },
  {
    name: 'that fails is told, and not what it printed',
    script: 'cat > /dev/null; echo s3cr3t; exit 3',
    config: { credsStore: 'test' },
    code: 'source_refused',
    message: /docker-credential-test, which keeps the credentials, failed: it ended with 3/,
  },
  {
    name: 'that is not there is told',
    config: { credsStore: 'absent' },
    code: 'source_refused',
    message: /docker-credential-absent, .* failed: it is not installed/,
  },
];

for (const { name, script, config, code, message } of helpers)
  test(`a helper ${name}`, async t => {
    const { client, home } = await clientAt(
      t,
      [
        guarded(
          () => BASIC,
          () => 'Basic realm="r"',
        ),
      ],
      config,
    );
    if (script !== undefined) await writeFile(join(home, 'docker-credential-test'), helper(script));
    if (script !== undefined) await chmod(join(home, 'docker-credential-test'), 0o755);
    const asking = client.manifest('v1', signal());
    if (code !== undefined) await rejects(asking, code, message ?? /./);
    else assert.equal((await asking).document.kind, 'manifest');
  });
