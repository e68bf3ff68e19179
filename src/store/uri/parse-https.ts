import { err, ok, type Result } from '#base';
import type { HttpReference, Reference, UriProblem } from './reference.ts';

/** `https://host/path`: one file, or an archive. Plain `http:` too; `plainHttpProblem` says when that is let through. */
export function parseHttps(uri: string): Result<HttpReference, UriProblem> {
  const refuse = (problem: string, remedy?: string): Result<HttpReference, UriProblem> =>
    err({ uri, problem, remedy });
  // The reader of URLs mends what it can; what was meant is then a guess.
  if (!/^https?:\/\/[^/\\]/i.test(uri)) return refuse('it names no host', 'https://host/model.onnx');
  if (!URL.canParse(uri)) return refuse('it is no URL');
  const url = new URL(uri);
  if (url.hash !== '') return refuse("what stands behind '#' is never sent", `'#' as %23`);
  if (url.pathname.endsWith('/'))
    return refuse(
      'it names a folder, and only a file can be fetched over https',
      'the URL of a file or archive',
    );
  return ok({ scheme: 'https', url: url.href });
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
