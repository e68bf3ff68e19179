import { failure } from '#base';
import { parseReference } from './uri/parse.ts';
import { redacted } from './uri/redact.ts';

/** The path of this machine that a URI names. Throws `uri_invalid`, also for what lies elsewhere. */
export function localPath(uri: string): string {
  const reference = parseReference(uri);
  if (!reference.ok) throw failure('uri_invalid', reference.error);
  if (reference.value.scheme === 'file') return reference.value.path;
  throw failure('uri_invalid', { uri: redacted(uri), problem: 'only a path of this machine can stand here' });
}
