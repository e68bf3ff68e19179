/** Credentials as Docker, Podman and all that learned from them keep them: `config.json` and `auth.json`. */

/** Who asks a registry: by name and password, or by a token that is exchanged for others. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  | { readonly identityToken: string };

export interface DockerConfig {
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/** Reads the text of such a file. Undefined where it is none. */
export function parseDockerConfig(text: string): DockerConfig | undefined {
  const value = jsonOf(text);
  if (!isRecord(value)) return undefined;
  const { auths, credHelpers, credsStore } = value;
  const helpers = isRecord(credHelpers) ? Object.entries(credHelpers) : [];
  return {
    auths: isRecord(auths) ? auths : {},
    credHelpers: Object.fromEntries(helpers.filter((entry): entry is [string, string] => isName(entry[1]))),
    ...(isName(credsStore) && { credsStore }),
  };
}

/** The helper that keeps a registry's credentials: the end of the name of `docker-credential-…`. */
export function helperFor({ credHelpers, credsStore }: DockerConfig, registry: string): string | undefined {
  return (
    namesOf(registry, '')
      .map(name => credHelpers[name])
      .find(helper => helper !== undefined) ?? credsStore
  );
}

/** What a helper is asked for: Docker Hub under its old name. */
export function helperKey(registry: string): string {
  return isHub(registry) ? HUB_KEY : registry;
}

/** What the file itself holds for a repository: the entry of the longest path, as Podman has it. */
export function credentialsIn(
  { auths }: DockerConfig,
  registry: string,
  repository: string,
): Credentials | undefined {
  for (const name of namesOf(registry, repository)) {
    const found = entryOf(auths, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a helper printed. The name `<token>` says that the secret is one. */
export function credentialsOfHelper(text: string): Credentials | undefined {
  const value = jsonOf(text);
  if (!isRecord(value)) return undefined;
  const { Username: user, Secret: secret } = value as { Username?: unknown; Secret?: unknown };
  if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
  return user === '<token>' ? { identityToken: secret } : { user, password: secret };
}

const HUB_KEY = 'https://index.docker.io/v1/';

function isHub(registry: string): boolean {
  return registry === 'docker.io' || registry === 'index.docker.io' || registry === 'registry-1.docker.io';
}

/** Under which names a repository's credentials may stand, the nearest first. */
function namesOf(registry: string, repository: string): string[] {
  const parts = repository.split('/').filter(part => part !== '');
  const paths = parts.map((_, index) => `${registry}/${parts.slice(0, parts.length - index).join('/')}`);
  return [...paths, registry, ...(isHub(registry) ? ['docker.io', 'index.docker.io'] : [])];
}

/** Keys are hosts, or what Docker wrote long ago: `https://host/v1/`. */
function entryOf(auths: DockerConfig['auths'], name: string): Credentials | undefined {
  for (const [key, value] of Object.entries(auths)) {
    const bare = key
      .replace(/^https?:\/\//, '')
      .replace(/\/v[12]\/?$/, '')
      .replace(/\/$/, '');
    const found = bare === name ? credentialsOf(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function credentialsOf(value: unknown): Credentials | undefined {
  if (!isRecord(value)) return undefined;
  const { identitytoken, auth, username, password } = value;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identityToken: identitytoken };
  if (typeof auth === 'string' && auth !== '') return decoded(auth);
  return typeof username === 'string' && typeof password === 'string' && username !== ''
    ? { user: username, password }
    : undefined;
}

function decoded(auth: string): Credentials | undefined {
  const text = Buffer.from(auth, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1
    ? undefined
    : { user: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** It becomes the name of a program. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]+$/.test(value);
}
