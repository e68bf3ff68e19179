import { err, ok, type Result } from '#base';
import { otherScheme } from './forgotten.ts';
import type { HttpReference, Reference, UriProblem } from './reference.ts';

/** `https://host/path`: one file, or an archive. Plain `http:` too; `plainHttpProblem` says when that is let through. */
export function parseHttps(uri: string): Result<HttpReference, UriProblem> {
  const refuse = (problem: string, remedy?: string): Result<HttpReference, UriProblem> =>
    err({ uri, problem, remedy });
  // The reader of URLs mends what it can; what was meant is then a guess.
  const [, scheme, slashes, host = ''] = /^(https?):(\/*)(.*)$/is.exec(uri) ?? [];
  const isHost = /^[\w.-]+\//.test(host);
  if (slashes !== '//' || host === '' || host.startsWith('\\'))
    return refuse('it names no host', `${scheme}://${isHost ? host : 'host/model.onnx'}`);
  if (!URL.canParse(uri)) return refuse('it is no URL');
  const url = new URL(uri);
  if (url.hash !== '') return refuse("what stands behind '#' is never sent", `'#' as %23`);
  const problem = noFile(url);
  return problem !== undefined
    ? refuse(problem, otherScheme(uri) ?? 'the URL of a file or archive')
    : ok({ scheme: 'https', url: url.href });
}

/** What a URL plainly leads to that is no file. */
function noFile({ hostname, pathname }: URL): string | undefined {
  if (pathname.endsWith('/')) return 'it names a folder, and only a file can be fetched over https';
  const isHub = /^(?:www\.)?(?:huggingface\.co|hf\.co)$/.test(hostname);
  // The files of a repository lie below `resolve` and `raw`.
  if (isHub && /^\/[^/]+\/[^/]+(?:\/(?:tree|blob)\/.*)?$/.test(pathname)) return 'it is a page for people';
  return pathname.endsWith('.git') ? 'it is a repository of git, which is not fetched' : undefined;
}

/**
 * Why a model may not come from there; undefined for one that may. Whoever is on the way can change what comes over plain
 * `http:`, so it is let through where the bytes are pinned, or where nobody is on the way.
 */
export function plainHttpProblem(
  reference: Reference,
  digest: string | undefined,
): { problem: string; remedy: string } | undefined {
  if (reference.scheme !== 'https' || digest !== undefined) return undefined;
  const { protocol, hostname } = new URL(reference.url);
  if (protocol === 'https:' || isLoopback(hostname)) return undefined;
  return {
    problem: 'it would come over plain http, where anybody on the way could change it',
    remedy: 'use https, or pin its digest',
  };
}

/** This machine: what is sent there passes nobody. As the host of a URL is written, `[::1]` with its brackets. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
