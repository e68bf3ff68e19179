import { err, ok, type Result, suggest } from '#base';
import { forgottenScheme } from './forgotten.ts';
import { isBlobUrl, parseAz } from './parse-az.ts';
import { parseFile } from './parse-file.ts';
import { parseGs } from './parse-gs.ts';
import { parseHf } from './parse-hf.ts';
import { parseHttps } from './parse-https.ts';
import { parseOci } from './parse-oci.ts';
import { parsePvc } from './parse-pvc.ts';
import { parseS3 } from './parse-s3.ts';
import { redacted, redactedWithin } from './redact.ts';
import type { Reference, UriProblem } from './reference.ts';

type Parse = (uri: string) => Result<Reference, UriProblem>;

/** One entry for each scheme that models may come by. */
const schemes: Readonly<Record<string, Parse>> = {
  file: parseFile,
  gs: parseGs,
  hf: parseHf,
  pvc: parsePvc,
  s3: parseS3,
  az: parseAz,
  http: parseHttps,
  https: parseHttps,
  oci: parseOci,
};

/** Reads a model URI. What has no scheme is a path as it stands. What is wrong is told without secrets. */
export function parseReference(uri: string): Result<Reference, UriProblem> {
  const read = parsed(uri);
  return read.ok ? read : err(told(read.error));
}

function parsed(uri: string): Result<Reference, UriProblem> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return ok({ scheme: 'file', path: uri });
  if (isBlobUrl(uri)) return parseAz(uri);
  const parse = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  return parse === undefined ? err(unknownScheme(uri, scheme)) : parse(uri);
}

function told({ uri, problem, remedy }: UriProblem): UriProblem {
  return {
    uri: redacted(uri),
    problem: redactedWithin(problem),
    ...(remedy !== undefined && { remedy: redacted(remedy) }),
  };
}

function unknownScheme(uri: string, scheme: string): UriProblem {
  const near = suggest(scheme, Object.keys(schemes));
  const remedy = forgottenScheme(uri)?.uris[0] ?? (near && `${near}://`);
  return { uri, problem: `the scheme '${scheme}' is not known`, remedy };
}
