/** Which models are let in, in a container. */
import { SETTINGS } from './container.ts';
import { type Findings, packedAt } from './findings.ts';
import type { Policy, SignaturePolicy } from './policy-schema.ts';

/** What was let in is in the image: neither its place there nor what lies beside it says where it came from, or who signed it. */
export function keptPolicy(policy: Policy, { left }: Findings): Policy | undefined {
  const { signature, sources, ...kept } = policy;
  const why = 'it was kept when the image was made, and what it let in is in the image';
  if (signature !== undefined) left.push({ field: 'policy.signature', why });
  if (sources !== undefined) left.push({ field: 'policy.sources', why });
  return Object.values(kept).some(rule => rule !== undefined) ? kept : undefined;
}

/** Models that are not in the image are looked at where they arrive. */
export function pulledPolicy(policy: Policy, findings: Findings): Policy {
  const { signature } = policy;
  return { ...policy, ...(signature && { signature: signatureIn(signature, findings) }) };
}

const FOLDER = `${SETTINGS}/policy`;

function signatureIn({ key, certificate, keyless }: SignaturePolicy, findings: Findings): SignaturePolicy {
  if (certificate !== undefined)
    return {
      certificate: { authority: packedAt(certificate.authority, `${FOLDER}/authority.pem`, findings) },
    };
  if (keyless !== undefined)
    return {
      keyless: {
        ...keyless,
        trustRoot: packedAt(keyless.trustRoot, `${FOLDER}/trusted_root.json`, findings),
      },
    };
  const keys = [key ?? []].flat();
  return { key: keys.map((path, at) => packedAt(path, `${FOLDER}/key-${at + 1}.pem`, findings)) };
}
