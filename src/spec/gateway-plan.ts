/** What a gateway that runs by itself is told: which servers it follows, and how its own door is. */
// A namespace, so that a bundle leaves out what is not used: half of a megabyte.
import * as z from 'zod';
import { stableJson } from '#base';
import { counts } from './bounds.ts';
import { countOf } from './fields.ts';
import type { ModelIdentity, Role } from './revision.ts';
import type { ServerOptions } from './schema.ts';
import { server } from './server-schema.ts';

/** A revision behind a gateway: where its servers are found, and its share. */
export interface GatewayArm {
  readonly revision: string;
  readonly role: Role;
  /** What its servers have when they start. */
  readonly models: readonly ModelIdentity[];
  /** Percent of requests, 0 to 100; the arms of a plan add up to 100. */
  readonly weight: number;
  /** A name of DNS: each address that it has is a server. Or one address, which stands for itself. */
  readonly host: string;
  readonly port: number;
  /** Where the servers speak gRPC, if they do. */
  readonly grpcPort?: number | undefined;
  /** A path of HTTP at `port` that answers 200 once a server may have requests: `Launch.probes.ready`. */
  readonly ready: string;
  /** Their page for Prometheus, at `port` unless it says another. */
  readonly metrics?: { readonly port?: number | undefined; readonly path: string } | undefined;
  /** As `Launch` has them: what the gateway sees to in place of servers that do not. Milliseconds, and bytes. */
  readonly answerMs?: number | undefined;
  readonly mostBody?: number | undefined;
}

/** Of `spec.server`, what is the door's, with paths of the gateway's container. */
export type GatewayDoor = Pick<ServerOptions, 'auth' | 'tls' | 'cors' | 'tracing' | 'limits' | 'drain'>;

export interface GatewayPlan {
  /** `metadata.name` of the service. */
  readonly service: string;
  /** Whether the servers are others than fairlead's: which of their paths predict, nobody knows. */
  readonly isForeign: boolean;
  /**
   * The gateway asks for credentials where `auth` is said, and then keeps them to itself; without it they go on to the servers,
   * for those that check them.
   */
  readonly server: GatewayDoor;
  readonly arms: readonly GatewayArm[];
}

const port = countOf(counts.port);
const text = z.string().min(1, 'must not be empty').max(253);

const NAME = /^([a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.?$/i;
const IPV6 = /^[\da-f:]*:[\da-f:]*:[\da-f:.]*$/i;
const PATH = /^\/[!-~]*$/;

const path = z.string().max(2000).regex(PATH, 'must be a path that begins with /');

const arm = z.strictObject({
  revision: text,
  role: z.enum(['stable', 'candidate']),
  models: z.array(z.strictObject({ name: text, version: text })),
  weight: z.int().min(0).max(100),
  host: text.refine(host => NAME.test(host) || IPV6.test(host), 'must be a name of DNS or an address'),
  port,
  grpcPort: port.optional(),
  ready: path,
  metrics: z.strictObject({ port: port.optional(), path }).optional(),
  answerMs: z.int().min(1).optional(),
  mostBody: z.int().min(1).optional(),
});

const door = server.pick({
  auth: true,
  tls: true,
  cors: true,
  tracing: true,
  limits: true,
  drain: true,
});

export const gatewayPlan = z
  .strictObject({
    service: text,
    isForeign: z.boolean().default(false),
    server: door.prefault({}),
    arms: z
      .array(arm)
      .min(1, { error: 'must hold an arm', abort: true })
      .refine(all => new Set(all.map(({ revision }) => revision)).size === all.length, {
        error: 'must have each revision once',
      })
      .refine(all => all.filter(({ role }) => role === 'stable').length === 1, {
        error: 'must have one that is stable',
      })
      .refine(all => all.reduce((sum, { weight }) => sum + weight, 0) === 100, {
        error: 'must have weights that add up to 100',
      }),
  })
  .meta({ title: 'GatewayPlan' });

/** The text of a plan: equal plans have equal text, and `parseGatewayPlan` gives the same plan again. */
export function gatewayPlanText(plan: GatewayPlan): string {
  return `${stableJson(plan)}\n`;
}
