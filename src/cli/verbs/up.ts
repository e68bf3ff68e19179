import { readFile } from 'node:fs/promises';
import { resolve as absolute, relative } from 'node:path';
import { asAppError, jsonLogger, type LogLevel, systemClock, systemRandom } from '#base';
import { type Local, type LocalStatus, startLocal, statusChanges, statusLine } from '#local';
import { foreignKind } from '#spec';
import { FollowedTracing, tracingSettings } from '#telemetry';
import { address, grpcPortOf, portNumber } from '../flags.ts';
import { checkPrograms } from '../foreign-program.ts';
import type { ModelStores } from '../model-store.ts';
import { resourceOf } from '../observing-flags.ts';
import { checkPlace, noteTeller } from '../place-notes.ts';
import { tellTerminal } from '../pulls.ts';
import { readText } from '../read-text.ts';
import { type Asked, curlLine } from '../sample-request.ts';
import { type Loaded, loadFile, loadService } from '../service-file.ts';
import { drainMs, NoticeWatch } from '../spot-notice.ts';
import { onStopSignals } from '../stop-signals.ts';
import { modelStores, type StoreFlags } from '../stores.ts';
import { Terminal } from '../terminal.ts';
import { watchText } from '../watch-file.ts';

/** A terminal is for what needs somebody's attention. */
const USUAL_LEVEL = 'warn';

/** How often the live line is redrawn. Milliseconds. */
const REDRAW_MS = 250;

/** As the command line gives them, defaults filled in. */
export type UpFlags = Readonly<Record<'host' | 'port', string>> & {
  readonly grpcPort?: string;
  readonly logLevel?: string;
} & StoreFlags;

/** Runs a service on this machine until Ctrl-C, applying every edit of its file. */
export async function up(path: string, flags: UpFlags): Promise<void> {
  const [host, port, grpcPort] = [address(flags.host), portNumber(flags.port), grpcPortOf(flags)];
  const terminal = new Terminal(process.stderr);
  let server: Loaded['service']['spec']['server'] | undefined;
  const level = (): LogLevel => (flags.logLevel ?? server?.log?.level ?? USUAL_LEVEL) as LogLevel;
  const logger = jsonLogger(level, line => terminal.line(line.trimEnd()));
  // Its servers know it by the variable.
  if (flags.policy !== undefined) process.env['FAIRLEAD_POLICY'] = absolute(flags.policy);
  const stopping = new AbortController();
  const { signal } = stopping;
  const stores = await modelStores(flags, { logger, tell: tellTerminal(terminal), signal });
  const loaded = await loadService(path, stores).finally(() => terminal.end());
  checkPlace(loaded);
  await checkPrograms(loaded.arms, path);
  const notice = new NoticeWatch(logger);
  const tracing = new FollowedTracing({ clock: systemClock, random: systemRandom, logger });
  const note = noteTeller(text => terminal.line(text));
  const follow = ({ service, arms }: Loaded): void => {
    server = service.spec.server;
    note(service);
    tracing.follow(gatewayTracing(service));
    notice.follow(arms);
  };
  follow(loaded);
  const local = await startLocal(loaded.arms, loaded.service.metadata.name, {
    host,
    port,
    grpcPort,
    program: ownProgram(),
    logger,
    logLevel: flags.logLevel,
    tracing,
    onStatus: plainStatus(terminal),
    onServerLog: (revision, line) => terminal.line(`${revision} ${line}`),
    onNotice: notice.tell,
  });
  const stopped = stopAtTheEnd(local, { terminal, stopping, notice });
  const redraw = setInterval(() => terminal.live(statusLine(local.status(), terminal)), REDRAW_MS);
  let endWatch: (() => void) | undefined;
  try {
    await local.ready(signal);
    await welcome(local, loaded, terminal);
    endWatch = watchEdits(local, { path, loaded, stores, terminal, follow, stopping: signal });
    await stopped;
  } catch (error: unknown) {
    if (!signal.aborted) throw error;
    await stopped;
  } finally {
    clearInterval(redraw);
    terminal.end();
    endWatch?.();
    notice.end();
    await local.close();
  }
}

/** Where the gateway's own spans go, beside those of its servers. */
function gatewayTracing({ metadata, spec }: Loaded['service']) {
  const resource = resourceOf(`${metadata.name}-gateway`);
  return tracingSettings({ ...spec.server.tracing, resource }, process.env);
}

/** The command that is this program, for starting servers with it. */
function ownProgram(): string[] {
  const [node = process.execPath, entry = ''] = process.argv;
  return [node, ...process.execArgv, entry];
}

/** One line a change where no line can be redrawn. */
function plainStatus(terminal: Terminal): (status: LocalStatus) => void {
  let before: LocalStatus | undefined;
  return status => {
    if (!terminal.isTerminal) for (const line of statusChanges(before, status)) terminal.line(line);
    before = status;
  };
}

async function welcome(local: Local, { arms, sample, file }: Loaded, terminal: Terminal): Promise<void> {
  const { runtime = {} } = arms[0]?.revision ?? {};
  // What another server takes for a request is not known here.
  const isOwn = foreignKind(runtime) === undefined;
  const curl = isOwn ? await curlLine(await askedOf(local, arms, sample)) : undefined;
  if (curl !== undefined) terminal.line(`\nTry it:\n  ${curl}\n`);
  const edits =
    file === undefined ? '' : `Edit ${relative(process.cwd(), file.path)} and save it to apply a change. `;
  const grpc = local.grpc === undefined ? '' : `gRPC: ${local.grpc.replace(/^grpcs?:\/\//, '')}. `;
  terminal.line(`${edits}${grpc}Metrics: ${local.url}/metrics. Ctrl-C stops.`);
}

async function askedOf(local: Local, [stable]: Loaded['arms'], written: string | undefined): Promise<Asked> {
  const { url } = local;
  const { models = [], server } = stable?.revision ?? {};
  const asked = {
    url,
    tell: (path: string) => local.tell(path),
    models: [...new Set(models.map(({ name }) => name))],
    written,
    isGuarded: server?.auth?.predict !== undefined,
  };
  const { certificate, clientAuthority } = server?.tls ?? {};
  if (certificate === undefined) return asked;
  const pem = await readFile(certificate, 'utf8');
  return { ...asked, tls: { certificate, pem, isMutual: clientAuthority !== undefined } };
}

interface Stopping {
  readonly terminal: Terminal;
  readonly stopping: AbortController;
  readonly notice: NoticeWatch;
}

/**
 * A notice and a signal begin the same end, whichever comes first; a notice may leave it less time. Ending at once ends the
 * servers too, since their parent is gone.
 */
function stopAtTheEnd(local: Local, { terminal, stopping, notice }: Stopping): Promise<void> {
  return new Promise(resolve => {
    const stop = (why: string, withinMs?: number): void => {
      if (!stopping.signal.aborted) terminal.line(`${why}: finishing what is in flight.`);
      stopping.abort(new Error('stopped'));
      void local.close(withinMs).then(resolve);
    };
    onStopSignals(() => stop('Stopping'));
    void notice.told.then(() => stop('This machine is taken away', drainMs(notice.budgetMs)));
  });
}

interface Watching {
  readonly path: string;
  readonly loaded: Loaded;
  readonly stores: ModelStores;
  readonly terminal: Terminal;
  /** What the gateway itself takes from the file. */
  readonly follow: (loaded: Loaded) => void;
  readonly stopping: AbortSignal;
}

/**
 * Applies the file each time its text changes, from what was loaded on: an edit made while the first servers started
 * counts too. What is wrong with it is said once, and the service runs on as it was.
 */
function watchEdits(
  local: Local,
  { path, loaded, stores, terminal, follow, stopping }: Watching,
): (() => void) | undefined {
  const { file } = loaded;
  if (file === undefined) return undefined;
  const say = (text: string): void => (stopping.aborted ? undefined : terminal.line(text));
  return watchText<Loaded>(file.path, {
    seen: file.text,
    read: () => readText(file.path),
    load: text => loadFile(file.path, text, stores),
    apply: async edited => {
      checkPlace(edited);
      await checkPrograms(edited.arms, path);
      await local.apply(edited.arms);
      follow(edited);
    },
    applied: () => say(`Applied ${path}.`),
    failed: error => say(`Not applied, the service runs on as it was: ${asAppError(error).message}`),
  });
}
