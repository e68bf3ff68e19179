import { setTimeout } from 'node:timers/promises';
import { jsonLogger, type Logger, type LogLevel, systemClock, systemRandom } from '#base';
import { endProcess, ModelServer, onnxRuntime, type ServerPorts } from '#server';
import { shortest } from '#spec';
import { openRecords, openTracing, unusableEndpoint } from '#telemetry';
import { type AccessFlags, guardOf } from '../access.ts';
import { type AskedFlags, askedModels } from '../asked-models.ts';
import { duration } from '../flags.ts';
import { type NamedModels, namedModels } from '../named-models.ts';
import { recordTarget, tracingOf } from '../observing-flags.ts';
import { watchParent } from '../parent.ts';
import { tellLogger } from '../pulls.ts';
import { report } from '../report.ts';
import { configOf, type ServerFlags } from '../server-config.ts';
import { sharesOf, usualOf } from '../settings-flags.ts';
import { drainMs, watchNotice } from '../spot-notice.ts';
import { onStopSignals } from '../stop-signals.ts';
import { modelStores, type StoreFlags } from '../stores.ts';
import { checkPython } from '../stray-python.ts';
import { version } from '../version.ts';
import { labelFlags } from '../version-labels.ts';

/** As the command line gives them, defaults filled in. */
export type ServeFlags = ServerFlags &
  AskedFlags & {
    readonly logLevel: string;
    readonly label: readonly string[];
    readonly share: readonly string[];
    readonly noticeFile?: string;
    readonly noticeBudget: string;
    readonly exitWithParent?: true;
  } & AccessFlags &
  StoreFlags;

/** Runs one model server until SIGTERM, SIGINT, a notice, or the end of a parent that asked for that. */
export async function serve(models: readonly string[], flags: ServeFlags): Promise<void> {
  const logger = jsonLogger(flags.logLevel as LogLevel, line => process.stderr.write(line));
  const budgetMs = duration('notice-budget', flags.noticeBudget, shortest.grace);
  const notice = Promise.withResolvers<void>();
  const server = await serverOf(models, flags, { logger, onNotice: notice.resolve });
  const addresses = await server.listen();
  closeAtTheEnd(server, flags, { logger, notice, budgetMs });
  const { http, grpc, health } = addresses;
  process.stdout.write(`${[http, grpc, health].filter(url => url !== undefined).join('\n')}\n`);
  try {
    await server.load();
  } catch (error: unknown) {
    // Never ready, so there is nobody to drain for: what is wrong is told at once.
    endProcess(report(error));
  }
}

async function serverOf(
  models: readonly string[],
  flags: ServeFlags,
  ports: Pick<ServerPorts, 'logger'> & Required<Pick<ServerPorts, 'onNotice'>>,
): Promise<ModelServer> {
  const usual = usualOf(flags);
  const { logger } = ports;
  const byName = { usual, shares: sharesOf(flags.share), labels: labelFlags(flags.label), logger };
  const asked = await askedModels(models, flags);
  const stores = await modelStores(flags, { logger, tell: tellLogger(logger) });
  const store = stores.under(undefined);
  const named: NamedModels = await namedModels(asked, { ...byName, store });
  // Where models come while it runs, any may come yet.
  if (flags.poll === undefined && !flags.modelControl) checkPython(asked, named.found);
  const config = configOf(flags, usual, named.found);
  const told = { clock: systemClock, random: systemRandom, logger };
  const tracing = tracingOf(flags, process.env);
  const unusable = tracing === undefined ? unusableEndpoint(process.env) : undefined;
  // Its value may hold a password.
  if (unusable !== undefined)
    logger.log('warn', `nothing is traced: ${unusable} is no http:// or https:// address`);
  const target = recordTarget(flags, process.env);
  return new ModelServer(config, {
    ...ports,
    ...told,
    tracing: tracing && openTracing(tracing, told),
    records: target && (await openRecords(target, told)),
    // Asked for by a flag of their own, whatever level else is logged.
    lines: jsonLogger('info', line => process.stderr.write(line)),
    runtime: onnxRuntime,
    source: named,
    guard: await guardOf(flags, logger),
    idPrefix: Math.floor(systemRandom.next() * 2 ** 48).toString(36),
    identity: { name: 'fairlead', version },
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  });
}

interface Noticing {
  readonly logger: Logger;
  /** Settles once it is known that the machine is taken away. */
  readonly notice: PromiseWithResolvers<void>;
  /** From then to the exit, at most. */
  readonly budgetMs: number;
}

/** A notice and a signal begin the same drain, whichever comes first; a notice may leave it less time. */
function closeAtTheEnd(
  server: ModelServer,
  { exitWithParent, noticeFile }: ServeFlags,
  { logger, notice, budgetMs }: Noticing,
): void {
  const close = (withinMs?: number): void =>
    void server.close(withinMs).then(() => endProcess(Number(process.exitCode ?? 0)));
  onStopSignals(() => close(), endProcess);
  if (noticeFile !== undefined) watchNotice(noticeFile, logger, notice.resolve);
  const heed = async (): Promise<void> => {
    await notice.promise;
    logger.log('warn', 'notice: this machine is taken away', { budget_ms: budgetMs });
    close(drainMs(budgetMs));
  };
  void heed();
  if (exitWithParent) watchParent(() => endProcess(0));
}
