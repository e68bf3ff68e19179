/** What others are pointed at by: in-toto attestation framework, "ResourceDescriptor". */
export interface Resource {
  readonly uri: string;
  readonly digest?: DigestSet;
  readonly annotations?: Readonly<Record<string, string>>;
}

type DigestSet = Readonly<Record<string, string>>;

/** Of `sha256:…`: in-toto attestation framework, "DigestSet". */
export function digestSet(digest: string): DigestSet {
  const at = digest.indexOf(':');
  return { [digest.slice(0, Math.max(0, at)) || 'sha256']: digest.slice(at + 1) };
}
