import { err, ok, type Result } from '#base';
import { splitOptions } from './options.ts';
import type { HfReference, UriProblem } from './reference.ts';

/**
 * `hf://owner/repo[/path][@revision]`. What stands behind the last `@` is the revision, so a name that has one itself is followed
 * by one: `a@b.onnx@main`. A branch with `/` is written with `%2F`; `refs/pr/1` stands as it is.
 */
export function parseHf(uri: string): Result<HfReference, UriProblem> {
  const split = splitOptions(uri, {});
  if (!split.ok) return split;
  const [, text = '', revision] = /^hf:\/\/([\s\S]*?)(?:@([^@]*))?$/i.exec(split.value.rest) ?? [];
  const [owner = '', repo = '', ...path] = text.replace(/\/+$/, '').split('/');
  const problem = problemOfRepo(owner, repo, uri) ?? problemOfRevision(revision, text) ?? problemOfPath(path);
  if (problem !== undefined) return err({ uri, ...problem });
  const decoded = revision === undefined ? {} : { revision: revision.replaceAll(/%2F/gi, '/') };
  return ok({ scheme: 'hf', owner, repo, path: path.join('/'), ...decoded });
}

type Problem = Omit<UriProblem, 'uri'> | undefined;

const KINDS: readonly string[] = ['datasets', 'spaces', 'models', 'buckets'];

function problemOfRepo(owner: string, repo: string, uri: string): Problem {
  if (KINDS.includes(owner))
    return { problem: `it begins with '${owner}'; only models are fetched`, remedy: 'hf://owner/repo' };
  const [name = '', revision] = repo.split(':');
  if (isName(owner) && isName(name) && revision)
    return { problem: "a revision stands behind '@'", remedy: uri.replace(`${name}:`, `${name}@`) };
  return isName(owner) && isName(repo)
    ? undefined
    : { problem: 'it names no repository', remedy: 'hf://owner/repo' };
}

/** As the Hub names owners and repositories. */
function isName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,95}$/.test(name) && !/--|\.\.|[-.]$/.test(name);
}

function problemOfRevision(revision: string | undefined, text: string): Problem {
  if (revision === undefined || /^refs\/[\w.-]+\/[\w./-]+$/.test(revision)) return undefined;
  const [, name, path] = /^([^/]*)\/(.+)$/.exec(revision) ?? [];
  if (path !== undefined)
    return { problem: 'the path stands before the revision', remedy: `hf://${text}/${path}@${name}` };
  const isRevision = /^(?:[\w.+-]|%2F)+$/i.test(revision);
  return isRevision ? undefined : { problem: "what stands behind '@' is no revision" };
}

function problemOfPath(path: readonly string[]): Problem {
  if (path.every(name => name !== '' && name !== '.' && name !== '..')) return undefined;
  return { problem: 'its path has an empty name, or one of dots' };
}
