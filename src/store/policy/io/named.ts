/** What a policy says of a model before anybody looks at it: where it may come from, and that it is pinned. */
import { failure, systemClock } from '#base';
import type { Policy } from '#spec';
import type { Wanted } from '../../store.ts';
import { parseReference } from '../../uri/parse.ts';
import { admissionOf } from '../admission.ts';
import { placesOf } from '../rules.ts';

/** For models that others fetch. Throws `uri_invalid` or `policy_refused`. */
export function checkNamed(policy: Policy, wanted: Wanted): void {
  const reference = parseReference(wanted.uri);
  if (!reference.ok) throw failure('uri_invalid', reference.error);
  const { digest, sources } = policy;
  const rules = { name: 'spec.policy', mustBePinned: digest === 'required', sources: placesOf(sources) };
  admissionOf([rules], { clock: systemClock }).beforeListing(wanted, reference.value);
}
