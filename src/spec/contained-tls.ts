/** Keys and certificates, in a container. */
import { SETTINGS } from './container.ts';
import { type Findings, mountedAt } from './findings.ts';
import type { ServerOptions } from './schema.ts';

type Tls = NonNullable<ServerOptions['tls']>;

/** Under the names that a secret of Kubernetes has them by. */
const ofTls = { certificate: 'tls.crt', key: 'tls.key', clientAuthority: 'ca.crt' } as const;

/** None is packed: a key is secret, and the others change with it. */
export function containedTls(tls: Tls, { mounted }: Findings): Tls {
  const moved = Object.entries(ofTls).flatMap(([field, name]) => {
    const written = tls[field as keyof typeof ofTls];
    if (written === undefined) return [];
    const path = mountedAt(written, `${SETTINGS}/tls/${name}`);
    mounted.push({
      field: `server.tls.${field}`,
      path,
      why: 'a key and its certificates change, and are not for whoever has the image',
    });
    return [[field, path]];
  });
  return { ...tls, ...Object.fromEntries(moved) };
}
