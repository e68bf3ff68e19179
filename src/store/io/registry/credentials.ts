import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { failure } from '#base';
import {
  type Credentials,
  credentialsIn,
  credentialsOfHelper,
  type DockerConfig,
  helperFor,
  helperKey,
  parseDockerConfig,
} from '../../registry/docker-config.ts';
import type { SourceOptions } from '../../source.ts';

type Environment = SourceOptions['environment'];

export interface Account {
  readonly registry: string;
  readonly repository: string;
  /** As it may be shown. */
  readonly uri: string;
}

/** A helper asks a keychain, or a cloud: never so long. Milliseconds. */
const HELPER_MS = 20_000;

/**
 * The credentials that `docker login` or `podman login` left for a repository, or undefined. Files that are not there, or cannot be
 * read, hold none. Throws `source_refused` where the helper that keeps them fails, and the signal's reason.
 */
export async function credentialsFor(
  account: Account,
  environment: Environment,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  for (const path of configPaths(environment)) {
    const config = parseDockerConfig(await readFile(path, 'utf8').catch(() => ''));
    const found =
      config === undefined ? undefined : await credentialsOf(config, account, environment, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What is named wins; of the files that are not, Docker's is looked at before Podman's. A folder named for Docker may be a pull
 * secret of Kubernetes, mounted: its file has another name.
 */
function configPaths(environment: Environment): string[] {
  const { REGISTRY_AUTH_FILE: named, DOCKER_CONFIG: docker, XDG_RUNTIME_DIR: runtime } = environment;
  const home = environment['HOME'] ?? homedir();
  const config = environment['XDG_CONFIG_HOME'] ?? join(home, '.config');
  return [
    ...(named ? [named] : []),
    join(docker || join(home, '.docker'), 'config.json'),
    ...(docker ? [join(docker, '.dockerconfigjson')] : []),
    ...(runtime ? [join(runtime, 'containers', 'auth.json')] : []),
    join(config, 'containers', 'auth.json'),
  ];
}

async function credentialsOf(
  config: DockerConfig,
  account: Account,
  environment: Environment,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const { registry, repository } = account;
  const helper = helperFor(config, registry);
  const kept = helper === undefined ? undefined : await askHelper(helper, account, environment, signal);
  return kept ?? credentialsIn(config, registry, repository);
}

/** Docker's protocol for credential helpers: the registry on its input, JSON on its output. */
async function askHelper(
  helper: string,
  { registry, uri }: Account,
  environment: Environment,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  const { error, output } = await runHelper(program, helperKey(registry), environment, signal);
  signal.throwIfAborted();
  if (error === undefined) return credentialsOfHelper(output);
  // The one way in which it says that it has none.
  if (/credentials not found/i.test(output)) return undefined;
  const problem = `${program}, which keeps the credentials, failed: ${error}`;
  throw failure('source_refused', {
    uri,
    problem,
    remedy: 'run `docker login` again, or mend credHelpers in its config.json',
  });
}

function runHelper(
  program: string,
  input: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<{ error?: string; output: string }> {
  const options = { env: environment as NodeJS.ProcessEnv, signal, timeout: HELPER_MS, maxBuffer: 1 << 20 };
  return new Promise(resolve => {
    const child = execFile(program, ['get'], options, (error, stdout) =>
      resolve({ output: stdout, ...(error !== null && { error: reasonOf(error) }) }),
    );
    // It may end without having read it.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Never what it printed, which may be a secret. */
function reasonOf(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === 'ENOENT') return 'it is not installed';
  return error.killed === true
    ? `it took more than ${HELPER_MS / 1000} s`
    : `it ended with ${String(error.code)}`;
}
