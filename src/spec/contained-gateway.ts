/** What fairlead's gateway does for a server of others: in an image of that server alone nobody does. */
import type { Findings } from './findings.ts';
import type { ForeignKind } from './foreign-schema.ts';
import type { ServerOptions } from './schema.ts';
import { server as serverSchema } from './server-schema.ts';

/** The fields of `server` that are the gateway's, as the tables of docs/runtimes.md have them. */
const fields = ['auth', 'tls', 'cors', 'tracing', 'deadline', 'limits', 'drain'] as const;

/** Leaves them out; those that the file says are told. */
export function gatewaysPart(server: ServerOptions, kind: ForeignKind, { left }: Findings): ServerOptions {
  for (const field of fields.filter(one => isSaid(server, one, kind)))
    left.push({
      field: `server.${field}`,
      why: "fairlead's gateway sees to it, which is not in this image: put one before it",
    });
  const { auth: _auth, tls: _tls, cors: _cors, tracing: _tracing, ...kept } = server;
  return kept;
}

function isSaid(server: ServerOptions, field: (typeof fields)[number], kind: ForeignKind): boolean {
  const usual = serverSchema.parse({});
  if (field === 'deadline') return server.deadline !== undefined && kind !== 'tensorflowServing';
  if (field === 'limits') return server.limits.body !== usual.limits.body;
  if (field === 'drain') return server.drain.delay !== usual.drain.delay;
  return server[field] !== undefined;
}
