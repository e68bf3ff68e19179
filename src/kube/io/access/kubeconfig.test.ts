import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileWith, kubeconfigIn, type Named } from '../../fixtures/kubeconfigs.ts';
import { openCluster } from '../open-cluster.ts';
import { Access } from './access.ts';
import { loadKubeconfig } from './kubeconfig.ts';

const HERE = { server: 'https://10.0.0.1:6443' };
const signal = new AbortController().signal;

async function accessTo(t: TestContext, user: object): Promise<Access> {
  const kubeconfig = kubeconfigIn(t, HERE, { user });
  const access = new Access(await loadKubeconfig({ kubeconfig, environment: {} }), {});
  t.after(() => access.close());
  return access;
}

async function opened(
  environment: Record<string, string>,
  more: { kubeconfig?: string; context?: string; namespace?: string } = {},
) {
  const cluster = await openCluster({ ...more, environment, signal });
  cluster.close();
  return [cluster.server, cluster.namespace];
}

test('of several files the first one that says something is believed, and one need not be there', async t => {
  const first = kubeconfigIn(t, HERE, { name: 'one', isUndecided: true });
  const second = kubeconfigIn(t, { server: 'https://10.0.0.2' }, { name: 'two', namespace: 'b' });
  const again = kubeconfigIn(t, { server: 'https://10.0.0.3' }, { name: 'two', namespace: 'c' });
  const KUBECONFIG = [first, '/nowhere/config', second, again].join(delimiter);
  assert.deepEqual(await opened({ KUBECONFIG }), ['10.0.0.2', 'b']);
  assert.deepEqual(await opened({ KUBECONFIG }, { context: 'one' }), ['10.0.0.1:6443', 'team-a']);
  assert.deepEqual(await opened({ KUBECONFIG }, { kubeconfig: again }), ['10.0.0.3', 'c']);
  assert.deepEqual(await opened({ KUBECONFIG }, { namespace: 'd' }), ['10.0.0.2', 'd']);
});

const unusable: readonly {
  name: string;
  file: (t: TestContext) => string;
  context?: string;
  says: RegExp;
}[] = [
  { name: 'is not there', file: () => '/nowhere/config', says: /^\/nowhere\/config: there is no such file/ },
  { name: 'is no YAML', file: t => fileWith(t, '{'), says: /config: / },
  {
    name: 'names no context',
    file: t => kubeconfigIn(t, HERE, { isUndecided: true }),
    says: /no current-context$/,
  },
  { name: 'lacks the context', file: t => kubeconfigIn(t, HERE), context: 'prod', says: /no context prod$/ },
  {
    name: 'lacks the cluster',
    file: t =>
      fileWith(t, {
        'current-context': 'a',
        clusters: [],
        users: [],
        contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
      }),
    says: /no cluster c$/,
  },
  {
    name: 'has an address without TLS',
    file: t => kubeconfigIn(t, { server: 'http://10.0.0.1' }),
    says: /http:\/\/ carries credentials in the clear/,
  },
  {
    name: 'has an address that is none',
    file: t => kubeconfigIn(t, { server: '10.0.0.1' }),
    says: /begins with https:\/\//,
  },
];

for (const { name, file, context, says } of unusable)
  test(`a kubeconfig that ${name} is not used`, async t => {
    const kubeconfig = file(t);
    await assert.rejects(openCluster({ kubeconfig, context, environment: {}, signal }), {
      code: 'kubeconfig_unusable',
      message: says,
    });
  });

test('without a kubeconfig nothing is asked of this machine', async () => {
  await assert.rejects(openCluster({ environment: { HOME: '/nowhere' }, signal }), {
    code: 'kubeconfig_unusable',
    message: /^no kubeconfig: /,
  });
});

const users: readonly (readonly [name: string, user: Named['user'] & object, shown: object])[] = [
  ['a token', { token: 'abc' }, { headers: { Authorization: 'Bearer abc' } }],
  ['a name and password', { username: 'me', password: 'pw' }, { auth: 'me:pw' }],
  [
    'a certificate',
    { 'client-certificate-data': 'Yw==', 'client-key-data': 'aw==' },
    { cert: Buffer.from('c'), key: Buffer.from('k') },
  ],
];

for (const [name, user, shown] of users)
  test(`who asks is shown by ${name}`, async t => {
    const way = await (await accessTo(t, user)).way();
    for (const [key, value] of Object.entries(shown)) assert.deepEqual(way[key as keyof typeof way], value);
  });

function plugin(t: TestContext, script: string): object {
  const command = join(dirname(fileWith(t, '')), 'plugin');
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: [], env: null } };
}

test('a plugin is asked for a token, and told in which version', async t => {
  const user = plugin(
    t,
    `version=$(printf %s "$KUBERNETES_EXEC_INFO" | sed 's/.*"apiVersion":"\\([^"]*\\)".*/\\1/')\necho '{"kind":"ExecCredential","status":{"token":"'$version'"}}'`,
  );
  const { headers } = await (await accessTo(t, user)).way();
  assert.deepEqual(headers, { Authorization: 'Bearer client.authentication.k8s.io/v1' });
});

test('a plugin that fails is quoted', async t => {
  const access = await accessTo(t, plugin(t, 'echo "please sign in" >&2; exit 1'));
  await assert.rejects(access.way(), {
    code: 'kubeconfig_unusable',
    message: 'the user of test: its credentials cannot be had: please sign in',
  });
});

test('a certificate of the cluster, its name and a proxy are those of the kubeconfig', async t => {
  const kubeconfig = kubeconfigIn(t, {
    ...HERE,
    'certificate-authority-data': 'Y2E=',
    'tls-server-name': 'kube.acme.io',
    'proxy-url': 'http://proxy:3128',
  });
  const access = new Access(await loadKubeconfig({ kubeconfig, environment: {} }), {});
  t.after(() => access.close());
  const way = await access.way();
  assert.deepEqual(way.ca, Buffer.from('ca'));
  assert.equal(way.servername, 'kube.acme.io');
  assert.equal((way.agent as unknown as { proxy: URL }).proxy.host, 'proxy:3128');
});
