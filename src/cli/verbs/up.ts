import { relative } from 'node:path';
import { asAppError, jsonLogger, type LogLevel } from '#base';
import { type Local, type LocalStatus, startLocal, statusChanges, statusLine } from '#local';
import { foreignKind } from '#spec';
import { address, grpcPortOf, portNumber } from '../flags.ts';
import { checkPrograms } from '../foreign-program.ts';
import { curlLine } from '../sample-request.ts';
import { type Loaded, loadFile, loadService, readText } from '../service-file.ts';
import { onStopSignals } from '../stop-signals.ts';
import { Terminal } from '../terminal.ts';
import { watchText } from '../watch-file.ts';

/** How often the live line is redrawn. Milliseconds. */
const REDRAW_MS = 250;

/** Loading a model may take long, but not forever. Milliseconds. */
const READY_MS = 600_000;

/** As the command line gives them, defaults filled in. */
export type UpFlags = Readonly<Record<'host' | 'port' | 'logLevel', string>> & { readonly grpcPort?: string };

/** Runs a service on this machine until Ctrl-C, applying every edit of its file. */
export async function up(path: string, flags: UpFlags): Promise<void> {
  const [host, port, grpcPort] = [address(flags.host), portNumber(flags.port), grpcPortOf(flags)];
  // Servers inherit the environment, and with it how much they log.
  process.env['LOG_LEVEL'] = flags.logLevel;
  const loaded = await loadService(path);
  await checkPrograms(loaded.arms, path);
  const terminal = new Terminal(process.stderr);
  const local = await startLocal(loaded.arms, loaded.service.metadata.name, {
    host,
    port,
    grpcPort,
    program: ownProgram(),
    logger: jsonLogger(flags.logLevel as LogLevel, line => terminal.line(line.trimEnd())),
    onStatus: plainStatus(terminal),
    onServerLog: (revision, line) => terminal.line(`${revision} ${line}`),
  });
  const stopping = new AbortController();
  const stopped = stopOnSignals(local, terminal, stopping);
  const redraw = setInterval(() => terminal.live(statusLine(local.status(), terminal)), REDRAW_MS);
  let endWatch: (() => void) | undefined;
  try {
    await local.ready(AbortSignal.any([stopping.signal, AbortSignal.timeout(READY_MS)]));
    await welcome(local, loaded, terminal);
    endWatch = watchEdits(local, { path, loaded, terminal, stopping: stopping.signal });
    await stopped;
  } catch (error: unknown) {
    if (!stopping.signal.aborted) throw error;
    await stopped;
  } finally {
    clearInterval(redraw);
    terminal.end();
    endWatch?.();
    await local.close();
  }
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
  const { models = [], runtime = {}, server } = arms[0]?.revision ?? {};
  const names = new Set(models.map(({ name }) => name));
  const isGuarded = server?.auth?.predict !== undefined;
  // What another server takes for a request is not known here.
  const isOwn = foreignKind(runtime) === undefined;
  const asked = { models: [...names], written: sample, isGuarded };
  const curl = isOwn ? await curlLine(local.url, asked) : undefined;
  if (curl !== undefined) terminal.line(`\nTry it:\n  ${curl}\n`);
  const edits =
    file === undefined ? '' : `Edit ${relative(process.cwd(), file.path)} and save it to apply a change. `;
  const grpc = local.grpc === undefined ? '' : `gRPC: ${local.grpc.replace('grpc://', '')}. `;
  terminal.line(`${edits}${grpc}Metrics: ${local.url}/metrics. Ctrl-C stops.`);
}

/** Ending at once ends the servers too, since their parent is gone. */
function stopOnSignals(local: Local, terminal: Terminal, stopping: AbortController): Promise<void> {
  return new Promise(resolve =>
    onStopSignals(() => {
      stopping.abort(new Error('stopped'));
      terminal.line('Stopping: finishing what is in flight.');
      void local.close().then(resolve);
    }),
  );
}

interface Watching {
  readonly path: string;
  readonly loaded: Loaded;
  readonly terminal: Terminal;
  readonly stopping: AbortSignal;
}

/**
 * Applies the file each time its text changes, from what was loaded on: an edit made while the first servers started
 * counts too. What is wrong with it is said once, and the service runs on as it was.
 */
function watchEdits(local: Local, { path, loaded, terminal, stopping }: Watching): (() => void) | undefined {
  const { file } = loaded;
  if (file === undefined) return undefined;
  const say = (text: string): void => (stopping.aborted ? undefined : terminal.line(text));
  return watchText<Loaded>(file.path, {
    seen: file.text,
    read: () => readText(file.path),
    load: text => loadFile(file.path, text),
    apply: async ({ arms }) => {
      await checkPrograms(arms, path);
      await local.apply(arms);
    },
    applied: () => say(`Applied ${path}.`),
    failed: error => say(`Not applied, the service runs on as it was: ${asAppError(error).message}`),
  });
}
