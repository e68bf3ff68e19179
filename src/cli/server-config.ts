/** What a server is told by its flags. */
import type { ModelSettings, ServerConfig } from '#server';
import { counts, fitsGrace, shortest } from '#spec';
import { type DoorFlags, doorOf } from './door-flags.ts';
import { address, duration, grpcPortOf, integer, portNumber, size, wrong } from './flags.ts';
import type { NamedModel } from './named-models.ts';
import { type ObservingFlags, observerOf } from './observing-flags.ts';
import { type ControlFlags, controlOf, type SettingsFlags } from './settings-flags.ts';

/** As the command line gives them, defaults filled in. */
export type ServerFlags = Readonly<
  Record<'host' | 'port' | 'maxBody' | 'maxInFlight' | 'requestTime' | 'drainDelay' | 'grace', string>
> &
  SettingsFlags &
  ControlFlags &
  DoorFlags &
  ObservingFlags & { readonly grpcPort?: string };

/** Throws `usage_invalid`. */
export function configOf(
  flags: ServerFlags,
  settings: ModelSettings,
  found: readonly NamedModel[],
): ServerConfig {
  return {
    models: found.flatMap(one => one.versions),
    labels: found.flatMap(one => one.labels),
    ...controlOf(flags),
    host: address(flags.host),
    port: portNumber(flags.port),
    grpcPort: grpcPortOf(flags),
    settings,
    maxBody: size('max-body', flags.maxBody),
    maxInFlight: integer('max-in-flight', flags.maxInFlight, counts.inFlight),
    requestTimeMs: duration('request-time', flags.requestTime, shortest.requestTime),
    ...drainOf(flags),
    ...doorOf(flags),
    observing: observerOf(flags),
  };
}

function drainOf({ drainDelay, grace }: ServerFlags): Pick<ServerConfig, 'drainDelayMs' | 'graceMs'> {
  const drainDelayMs = duration('drain-delay', drainDelay, shortest.delay);
  const graceMs = duration('grace', grace, shortest.grace);
  if (fitsGrace(drainDelayMs, graceMs)) return { drainDelayMs, graceMs };
  throw wrong(`--drain-delay ${drainDelay} must be shorter than --grace ${grace}`);
}
