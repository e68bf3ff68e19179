/** What a policy says of a model before anybody looks at it: where it may come from, and that it is pinned. */
import { failure, systemClock } from '#base';
import type { Wanted } from '../../store.ts';
import { parseReference } from '../../uri/parse.ts';
import { admissionOf } from '../admission.ts';
import { loadRules, type PolicyFile } from './load-rules.ts';

/** For models that others fetch, with the same files. Throws `uri_invalid`, `policy_refused`, and what is wrong with those files. */
export async function checkNamed(policy: PolicyFile, wanted: Wanted): Promise<void> {
  const reference = parseReference(wanted.uri);
  if (!reference.ok) throw failure('uri_invalid', reference.error);
  const admission = admissionOf([await loadRules(policy)], { clock: systemClock });
  admission.beforeListing(wanted, reference.value);
}
