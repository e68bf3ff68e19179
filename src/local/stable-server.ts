import type { Arm, ServerOptions } from '#spec';

/** What the gateway itself takes from the file: what the stable arm says of its servers. */
export function stableServer(arms: readonly Arm[]): ServerOptions | undefined {
  return arms.find(({ role }) => role === 'stable')?.revision.server;
}
