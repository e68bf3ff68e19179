import { err, ok, type Result } from '#base';
import { splitOptions } from './options.ts';
import type { OciReference, UriProblem } from './reference.ts';

type Problem = Omit<UriProblem, 'uri'>;

const SHAPE = 'oci://registry/repository:tag, or @sha256:… in place of the tag';
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MOST_REPOSITORY = 255;

/**
 * `oci://registry/repository[:tag][@sha256:…][?insecure=true]`: OCI distribution specification 1.1, "Pulling manifests". Without
 * a tag and digest it is the tag `latest`, which moves. The registry is always written: where `ubuntu` lies differs from one
 * machine's settings to the next.
 */
export function parseOci(uri: string): Result<OciReference, UriProblem> {
  const split = splitOptions(uri, { insecure: 'flag' });
  if (!split.ok) return split;
  const { rest, options } = split.value;
  const path = /^oci:\/\/(.*)$/is.exec(rest)?.[1];
  if (path === undefined) return err({ uri, problem: 'it has no // after its scheme', remedy: SHAPE });
  const parts = partsOf(path);
  const problem = problemOf(parts, path);
  if (problem !== undefined) return err({ uri, ...problem });
  const { registry, repository, tag, digest } = parts;
  return ok({
    scheme: 'oci',
    registry: registry.toLowerCase(),
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    options,
  });
}

interface Parts {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

function partsOf(path: string): Parts {
  const slash = path.indexOf('/');
  const registry = slash === -1 ? '' : path.slice(0, slash);
  const [name = '', ...digests] = path.slice(slash + 1).split('@');
  const colon = name.lastIndexOf(':');
  const isTagged = colon > name.lastIndexOf('/');
  return {
    registry,
    repository: isTagged ? name.slice(0, colon) : name,
    ...(isTagged && { tag: name.slice(colon + 1) }),
    ...(digests.length > 0 && { digest: digests.join('@') }),
  };
}

function problemOf(parts: Parts, path: string): Problem | undefined {
  return registryProblem(parts, path) ?? repositoryProblem(parts) ?? versionProblem(parts);
}

function registryProblem({ registry }: Parts, path: string): Problem | undefined {
  if (registry.includes('@'))
    return { problem: 'it has a user in it; credentials are those of docker login' };
  const isHost = /[.:]/.test(registry) || registry.toLowerCase() === 'localhost';
  if (!isHost) return { problem: 'it names no registry', remedy: `oci://docker.io/${hubPath(path)}` };
  return HOST.test(registry) ? undefined : { problem: `'${registry}' is no registry`, remedy: SHAPE };
}

/** On Docker Hub, what has no owner is Docker's own. */
function hubPath(path: string): string {
  return path.includes('/') ? path : `library/${path}`;
}

function repositoryProblem({ registry, repository, tag, digest }: Parts): Problem | undefined {
  const written = (name: string): string => `oci://${registry}/${name}${tagged(tag, digest)}`;
  if (repository === '') return { problem: 'it names no repository', remedy: SHAPE };
  if (repository.length > MOST_REPOSITORY) return { problem: 'the name of the repository is too long' };
  const lower = repository.toLowerCase();
  if (lower !== repository && isRepository(lower))
    return { problem: 'names of repositories are in lower case', remedy: written(lower) };
  const bare = repository.replace(/^\/+|\/+$/g, '');
  if (!isRepository(repository))
    return {
      problem: `'${repository}' is no name of a repository`,
      ...(isRepository(bare) && { remedy: written(bare) }),
    };
  return registry.toLowerCase() === 'docker.io' && !repository.includes('/')
    ? { problem: 'on Docker Hub a repository has an owner', remedy: written(`library/${repository}`) }
    : undefined;
}

function isRepository(text: string): boolean {
  return text.split('/').every(name => NAME.test(name));
}

function tagged(tag: string | undefined, digest: string | undefined): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

function versionProblem({ registry, repository, tag, digest }: Parts): Problem | undefined {
  if (tag !== undefined && !TAG.test(tag)) return { problem: `'${tag}' is no tag`, remedy: SHAPE };
  if (digest === undefined || DIGEST.test(digest)) return undefined;
  const lower = digest.toLowerCase();
  return DIGEST.test(lower)
    ? { problem: 'digests are in lower case', remedy: `oci://${registry}/${repository}${tagged(tag, lower)}` }
    : { problem: `'${digest}' is no digest: that is sha256: and 64 hex digits` };
}
