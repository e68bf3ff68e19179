import { setTimeout } from 'node:timers/promises';
import { jsonLogger, type LogLevel, systemClock, systemRandom } from '#base';
import { endProcess, ModelServer, onnxRuntime } from '#server';
import { type AccessFlags, guardOf } from '../access.ts';
import { type AskedFlags, askedModels } from '../asked-models.ts';
import { type NamedModels, namedModels } from '../named-models.ts';
import { watchParent } from '../parent.ts';
import { report } from '../report.ts';
import { configOf, type ServerFlags } from '../server-config.ts';
import { sharesOf, usualOf } from '../settings-flags.ts';
import { onStopSignals } from '../stop-signals.ts';
import { checkPython } from '../stray-python.ts';
import { version } from '../version.ts';
import { labelFlags } from '../version-labels.ts';

/** As the command line gives them, defaults filled in. */
export type ServeFlags = ServerFlags &
  AskedFlags & {
    readonly logLevel: string;
    readonly label: readonly string[];
    readonly share: readonly string[];
    readonly exitWithParent?: true;
  } & AccessFlags;

/** Runs one model server until SIGTERM, SIGINT, or the end of a parent that asked for that. */
export async function serve(models: readonly string[], flags: ServeFlags): Promise<void> {
  const server = await serverOf(models, flags);
  const { http, grpc } = await server.listen();
  closeOnSignals(server, flags);
  process.stdout.write(grpc === undefined ? `${http}\n` : `${http}\n${grpc}\n`);
  try {
    await server.load();
  } catch (error: unknown) {
    // Never ready, so there is nobody to drain for: what is wrong is told at once.
    endProcess(report(error));
  }
}

async function serverOf(models: readonly string[], flags: ServeFlags): Promise<ModelServer> {
  const usual = usualOf(flags);
  const logger = jsonLogger(flags.logLevel as LogLevel, line => process.stderr.write(line));
  const byName = { usual, shares: sharesOf(flags.share), labels: labelFlags(flags.label), logger };
  const asked = await askedModels(models, flags);
  const named: NamedModels = await namedModels(asked, byName);
  // Where models come while it runs, any may come yet.
  if (flags.poll === undefined && !flags.modelControl) checkPython(asked, named.found);
  return new ModelServer(configOf(flags, usual, named.found), {
    clock: systemClock,
    logger,
    runtime: onnxRuntime,
    source: named,
    guard: await guardOf(flags, logger),
    idPrefix: Math.floor(systemRandom.next() * 2 ** 48).toString(36),
    identity: { name: 'fairlead', version },
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  });
}

function closeOnSignals(server: ModelServer, { exitWithParent }: ServeFlags): void {
  const close = (): void => void server.close().then(() => endProcess(Number(process.exitCode ?? 0)));
  onStopSignals(close, endProcess);
  if (exitWithParent) watchParent(() => endProcess(0));
}
