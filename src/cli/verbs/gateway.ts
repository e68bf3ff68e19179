import {
  asAppError,
  failure,
  jsonLogger,
  type Logger,
  type LogLevel,
  systemClock,
  systemRandom,
} from '#base';
import { type FollowingGateway, startGateway } from '#local';
import { describeIssue, type GatewayPlan, parseGatewayPlan } from '#spec';
import { FollowedTracing, tracingSettings } from '#telemetry';
import { address, grpcPortOf, portNumber } from '../flags.ts';
import { resourceOf } from '../observing-flags.ts';
import { readText } from '../read-text.ts';
import { onStopSignals } from '../stop-signals.ts';
import { watchText } from '../watch-file.ts';

/** As the command line gives them, defaults filled in. */
export interface GatewayFlags {
  readonly plan: string;
  readonly host: string;
  readonly port: string;
  readonly grpcPort?: string;
  readonly logLevel: string;
}

/** Runs a gateway before servers that run elsewhere, until SIGTERM or SIGINT, following every change of its plan. */
export async function gateway(flags: GatewayFlags): Promise<void> {
  const [host, port, grpcPort] = [address(flags.host), portNumber(flags.port), grpcPortOf(flags)];
  const logger = jsonLogger(flags.logLevel as LogLevel, line => process.stderr.write(line));
  const text = await readText(flags.plan);
  const plan = planIn(flags.plan, text);
  const tracing = new FollowedTracing({ clock: systemClock, random: systemRandom, logger });
  tracing.follow(tracingOf(plan));
  const stop = Promise.withResolvers<void>();
  const onNotice = stop.resolve;
  const opened = await startGateway(plan, { host, port, grpcPort, logger, tracing, onNotice });
  onStopSignals(() => stop.resolve());
  const endWatch = watchPlan(opened, { path: flags.plan, text, logger, tracing });
  const { url, grpc, health } = opened;
  process.stdout.write(`${[url, grpc, health].filter(one => one !== undefined).join('\n')}\n`);
  await stop.promise;
  logger.log('info', 'draining');
  endWatch();
  await opened.close();
  // A name that is still being asked for would hold the process up.
  process.exit(0);
}

interface Watching {
  readonly path: string;
  /** What the plan said at the start. */
  readonly text: string;
  readonly logger: Logger;
  readonly tracing: FollowedTracing;
}

/** What is wrong with a newer plan is told once, and the one before goes on. */
function watchPlan(opened: FollowingGateway, { path, text, logger, tracing }: Watching): () => void {
  return watchText<GatewayPlan>(path, {
    seen: text,
    read: () => readText(path),
    load: async newer => planIn(path, newer),
    apply: async plan => {
      await opened.follow(plan);
      tracing.follow(tracingOf(plan));
    },
    applied: () => logger.log('info', 'plan in force', { path }),
    failed: error => {
      const { code, message } = asAppError(error);
      if (code !== 'draining')
        logger.log('error', 'plan not in force: the one before goes on', { path, code, problem: message });
    },
  });
}

function planIn(file: string, text: string): GatewayPlan {
  const read = parseGatewayPlan(text);
  if (read.ok) return read.value;
  throw failure('plan_invalid', { file, issues: read.error.map(describeIssue) });
}

function tracingOf({ service, server }: GatewayPlan) {
  const resource = resourceOf(`${service}-gateway`);
  return tracingSettings({ ...server.tracing, resource }, process.env);
}
