/** How `curl` is told of a service's certificate. */
import { X509Certificate } from 'node:crypto';
import { relative } from 'node:path';

export interface CurlTls {
  /** The path of the certificate, and what it holds. */
  readonly certificate: string;
  readonly pem: string;
  /** Whether clients must show one too. */
  readonly isMutual: boolean;
}

/** The flags that let `curl` trust the certificate, and a URL with a name that it is for. */
export function secureUrl(url: string, { certificate, pem, isMutual }: CurlTls): string {
  const near = relative(process.cwd(), certificate);
  const path = near.startsWith('..') ? certificate : near;
  const shown = /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  const own = isMutual ? ' --cert client.crt --key client.key' : '';
  return `--cacert ${shown}${own} ${namedUrl(url, new X509Certificate(pem))}`;
}

/** The address as it is where the certificate is for it, or else by a name that it is for. */
function namedUrl(url: string, certificate: X509Certificate): string {
  const { hostname, port } = new URL(url);
  const address = hostname.replaceAll(/[[\]]/g, '');
  if (certificate.checkIP(address) ?? certificate.checkHost(address)) return url;
  const [, name] = /\bDNS:([\w.-]+)/.exec(certificate.subjectAltName ?? '') ?? [];
  return name === undefined ? url : `--resolve ${name}:${port}:${address} https://${name}:${port}`;
}
