import { err, ok, type Result } from '#base';
import type { PvcReference, UriProblem } from './reference.ts';

/** `pvc://claim/path`: a volume of Kubernetes, and what lies in it. */
export function parsePvc(uri: string): Result<PvcReference, UriProblem> {
  const [, slashes = '', claim = '', below = ''] = /^pvc:(\/*)([^/]*)(.*)$/is.exec(uri) ?? [];
  if (slashes !== '//' || claim === '') {
    const remedy = claim === '' ? undefined : `pvc://${claim}${below}`;
    return err({ uri, problem: 'the name of a claim must stand behind pvc://', remedy });
  }
  if (!isClaim(claim)) return err({ uri, problem: `no claim can have the name '${claim}'` });
  const path = below.replace(/^\/+|\/+$/g, '');
  const leadsOut = path.split('/').some(name => name === '..') || path.includes('\0');
  return leadsOut
    ? err({ uri, problem: `its path leads out of the volume` })
    : ok({ scheme: 'pvc', claim, path });
}

/** As Kubernetes names objects: RFC 1123 subdomains. */
function isClaim(name: string): boolean {
  return (
    name.length <= 253 && name.split('.').every(label => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label))
  );
}
