/** Which models are let in, in a container. */
import { SETTINGS } from './container.ts';
import { type Findings, packedAt } from './findings.ts';
import type { Policy, SignaturePolicy } from './policy-schema.ts';

/** Where it looks for what a policy names. */
const FOLDER = `${SETTINGS}/policy`;

/** Undefined where nothing of it is left to be kept. */
export function containedPolicy(policy: Policy, isAway: boolean, findings: Findings): Policy | undefined {
  return isAway ? wholePolicy(policy, findings) : bakedPolicy(policy, findings);
}

/** What was let in is in the image: neither its place there nor what lies beside it says where it came from, or who signed it. */
function bakedPolicy({ signature, sources, ...kept }: Policy, { left }: Findings): Policy | undefined {
  const why = 'it was kept when the image was made, and what it let in is in the image';
  if (signature !== undefined) left.push({ field: 'policy.signature', why });
  if (sources !== undefined) left.push({ field: 'policy.sources', why });
  return Object.values(kept).some(rule => rule !== undefined) ? kept : undefined;
}

function wholePolicy(policy: Policy, findings: Findings): Policy {
  const { signature } = policy;
  return signature === undefined ? policy : { ...policy, signature: signatureIn(signature, findings) };
}

/** Keys that verify, authorities and roots of trust are public. */
function signatureIn({ key, certificate, keyless }: SignaturePolicy, findings: Findings): SignaturePolicy {
  const at = (written: string, name: string): string => packedAt(written, `${FOLDER}/${name}`, findings);
  return {
    ...(key !== undefined && {
      key:
        typeof key === 'string' ? at(key, 'key.pem') : key.map((one, nth) => at(one, `key-${nth + 1}.pem`)),
    }),
    ...(certificate && { certificate: { authority: at(certificate.authority, 'authority.pem') } }),
    ...(keyless && { keyless: { ...keyless, trustRoot: at(keyless.trustRoot, 'trusted_root.json') } }),
  };
}

/** Whether a file of a container is one that its policy names. */
export function isOfPolicy(path: string): boolean {
  return path.startsWith(`${FOLDER}/`);
}
