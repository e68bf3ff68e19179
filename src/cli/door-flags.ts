/** How a server is spoken to, and from where, from its flags. */
import type { ServerConfig } from '#server';
import { counts, HEADER_NAME, originProblem, shortest } from '#spec';
import { duration, integer, wrong } from './flags.ts';

/** As the command line gives them, defaults filled in. */
export interface DoorFlags {
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsClientAuthority?: string;
  readonly healthPort?: string;
  readonly corsOrigin: readonly string[];
  readonly corsHeader: readonly string[];
  readonly corsMaxAge: string;
}

/** Throws `usage_invalid`. */
export function doorOf(flags: DoorFlags): Pick<ServerConfig, 'tls' | 'healthPort' | 'cors'> {
  return { ...tlsOf(flags), ...corsOf(flags) };
}

function tlsOf(flags: DoorFlags): Pick<ServerConfig, 'tls' | 'healthPort'> {
  const { tlsCertificate: certificate, tlsKey: key, tlsClientAuthority: clientAuthority, healthPort } = flags;
  if (certificate !== undefined && key !== undefined)
    return {
      tls: { certificate, key, clientAuthority },
      ...(healthPort !== undefined && {
        healthPort: integer('health-port', healthPort, { ...counts.port, least: 0 }),
      }),
    };
  if (certificate !== undefined || key !== undefined)
    throw wrong('--tls-certificate and --tls-key need each other');
  if (clientAuthority !== undefined || healthPort !== undefined) {
    const flag = clientAuthority === undefined ? 'health-port' : 'tls-client-authority';
    throw wrong(`--${flag} is for a server that speaks TLS: add --tls-certificate and --tls-key`);
  }
  return {};
}

function corsOf({ corsOrigin, corsHeader, corsMaxAge }: DoorFlags): Pick<ServerConfig, 'cors'> {
  const maxAgeMs = duration('cors-max-age', corsMaxAge, shortest.maxAge);
  if (corsOrigin.length === 0) {
    if (corsHeader.length === 0) return {};
    throw wrong('--cors-header has no effect without --cors-origin');
  }
  if (corsOrigin.includes('*') && corsOrigin.length > 1)
    throw wrong("--cors-origin '*' allows every origin: name it alone");
  for (const origin of corsOrigin) {
    const problem = originProblem(origin);
    if (problem !== undefined) throw wrong(`--cors-origin ${problem}, not '${origin}'`);
  }
  for (const header of corsHeader)
    if (!HEADER_NAME.test(header)) throw wrong(`--cors-header must be the name of a header, not '${header}'`);
  return { cors: { origins: corsOrigin, headers: corsHeader, maxAgeSeconds: Math.floor(maxAgeMs / 1000) } };
}
