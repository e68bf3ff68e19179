import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { credentialsFor } from './credentials.ts';

/** Who is found, where files hold users of these names. Of paths, `~` is a folder of the test's own. */
async function found(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-credentials-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, user] of Object.entries(files)) {
    const auth = Buffer.from(`${user}:word`).toString('base64');
    const text = user.startsWith('{') ? user : JSON.stringify({ auths: { 'r.io': { auth } } });
    const at = path.replace('~', folder);
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, text);
  }
  const own = Object.entries(variables).map(([name, value]) => [name, value.replace('~', folder)]);
  const environment = { HOME: folder, ...Object.fromEntries(own) } as Record<string, string>;
  const account = { registry: 'r.io', repository: 'a/b', uri: 'oci://r.io/a/b' };
  const credentials = await credentialsFor(account, environment, AbortSignal.timeout(20_000));
  return credentials !== undefined && 'user' in credentials ? credentials.user : undefined;
}

const docker = { '~/.docker/config.json': 'docker' };
const podman = { '~/.config/containers/auth.json': 'podman' };

const cases: readonly {
  name: string;
  files: Readonly<Record<string, string>>;
  variables?: Readonly<Record<string, string>>;
  user?: string;
}[] = [
  { name: 'nowhere', files: {} },
  { name: "in Docker's file", files: { ...docker, ...podman }, user: 'docker' },
  { name: "in Podman's file", files: podman, user: 'podman' },
  {
    name: 'in the folder that DOCKER_CONFIG names',
    files: { ...docker, '~/own/config.json': 'own' },
    variables: { DOCKER_CONFIG: '~/own' },
    user: 'own',
  },
  {
    name: 'in a pull secret that DOCKER_CONFIG names',
    files: { '~/secret/.dockerconfigjson': 'secret' },
    variables: { DOCKER_CONFIG: '~/secret' },
    user: 'secret',
  },
  {
    name: 'in the file that REGISTRY_AUTH_FILE names, before all',
    files: { ...docker, '~/auth.json': 'named' },
    variables: { REGISTRY_AUTH_FILE: '~/auth.json', DOCKER_CONFIG: '~/.docker' },
    user: 'named',
  },
  {
    name: 'where the user is logged in, before what stays',
    files: { ...podman, '~/run/containers/auth.json': 'session' },
    variables: { XDG_RUNTIME_DIR: '~/run' },
    user: 'session',
  },
  {
    name: 'in the folder for settings',
    files: { '~/settings/containers/auth.json': 'settings' },
    variables: { XDG_CONFIG_HOME: '~/settings' },
    user: 'settings',
  },
  {
    name: 'behind a file that is broken',
    files: { '~/.docker/config.json': '{', ...podman },
    user: 'podman',
  },
  {
    name: 'behind a file without it',
    files: { '~/.docker/config.json': '{"auths":{}}', ...podman },
    user: 'podman',
  },
];

for (const { name, files, variables = {}, user } of cases)
  test(`credentials are found ${name}`, async t => {
    assert.equal(await found(t, files, variables), user);
  });
