import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** The addresses of a name, none where it has none. Rejects where nobody answers. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * As all programs of the machine resolve names: by its search domains and its file of hosts, which the queries of node:dns do not
 * look at. It keeps no answers. A server with addresses of both families is one server: those of IPv4 count where there are any.
 */
export const systemResolve: Resolve = async host => {
  if (isIP(host) !== 0) return [host];
  const found = await lookup(host, { all: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return [];
    throw error;
  });
  const four = found.filter(({ family }) => family === 4);
  return (four.length > 0 ? four : found).map(({ address }) => address);
};
