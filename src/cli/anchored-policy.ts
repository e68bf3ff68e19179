/** Files that a policy names, as absolute paths: those of a service's file, or of a policy's own, start at `base`. */
import { resolve } from 'node:path';
import type { Policy, SignaturePolicy } from '#spec';

export function policyAt(policy: Policy, base: string): Policy {
  const { signature } = policy;
  return signature === undefined ? policy : { ...policy, signature: signatureAt(signature, base) };
}

function signatureAt({ key, certificate, keyless }: SignaturePolicy, base: string): SignaturePolicy {
  const at = (path: string): string => resolve(base, path);
  return {
    ...(key !== undefined && { key: typeof key === 'string' ? at(key) : key.map(at) }),
    ...(certificate && { certificate: { authority: at(certificate.authority) } }),
    ...(keyless && { keyless: { ...keyless, trustRoot: at(keyless.trustRoot) } }),
  };
}
