import { dirname, join, resolve } from 'node:path';
import { failure, type Logger } from '#base';
import { type Policy, readSize, urisOf } from '#spec';
import {
  type Asking,
  type Cached,
  digestOfPath,
  explained,
  type Held,
  localPath,
  redacted,
  type Store,
  type Wanted,
} from '#store';
import { askedModels, pin as pinned } from '../asked-models.ts';
import { copyOut } from '../copied-out.ts';
import { duration, versionsOf, wrong } from '../flags.ts';
import { calledOf, identityAt, wantedOf } from '../locate.ts';
import { isElsewhere } from '../model-store.ts';
import { tellTerminal } from '../pulls.ts';
import { readService } from '../service-file.ts';
import * as lines from '../store-lines.ts';
import { modelStores, type StoreFlags } from '../stores.ts';
import { Terminal } from '../terminal.ts';
import { variableSize } from '../variables.ts';
import { written } from '../written.ts';

export interface OutputFlags {
  readonly output: 'text' | 'json';
}

export interface ChoiceFlags extends OutputFlags {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly versions?: string;
}

export interface PullFlags extends ChoiceFlags, StoreFlags {
  readonly digest?: string;
  readonly file?: string;
  readonly to?: string;
  readonly timeout?: string;
}

export interface PruneFlags extends OutputFlags {
  readonly keep?: string;
  readonly olderThan?: string;
  readonly all?: true;
}

/** Brings models into the cache, and prints their digests and where they lie. */
export async function pull(uris: readonly string[], flags: PullFlags): Promise<void> {
  const { wanted, policy } = await toPull(uris, flags);
  const within = flags.timeout === undefined ? undefined : deadlineIn(flags.timeout);
  await withStore(flags, policy, async (store, asking) => {
    const pulled: lines.Pulled[] = [];
    for (const one of wanted) {
      const held = await inTime(one, flags, () =>
        store.hold(one, { ...asking, repair: true, signal: within }),
      );
      if (flags.to !== undefined)
        await copyOut(held, one, wanted.length === 1 ? flags.to : below(flags.to, held));
      if (held.digest === undefined)
        process.stderr.write(`${one.uri} lies on this machine: nothing to fetch\n`);
      else pulled.push(pulledOf(held));
    }
    process.stdout.write(flags.output === 'json' ? lines.json(pulled) : lines.pulledLines(pulled));
  });
}

/** Of all models together. */
function deadlineIn(text: string): AbortSignal {
  return AbortSignal.timeout(duration('timeout', text, LEAST_MS));
}

const LEAST_MS = 1000;

/** A deadline that is over says which model was waited for. */
async function inTime<T>({ uri }: Wanted, { timeout }: PullFlags, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    if (!(error instanceof DOMException) || error.name !== 'TimeoutError') throw error;
    const problem = `it was not all here after ${timeout} (--timeout)`;
    throw failure('source_unavailable', { uri: redacted(uri), problem }, error);
  });
}

/** Several models each have a folder by their names. */
function below(folder: string, held: Held): string {
  const { name, version } = identityAt(held, held.root);
  return join(folder, name, ...(version === undefined ? [] : [version]));
}

interface ToPull {
  readonly wanted: readonly Wanted[];
  readonly policy: Policy | undefined;
}

/** Of a service file, of arguments, or of what `serve` would take from its variables. */
async function toPull(uris: readonly string[], flags: PullFlags): Promise<ToPull> {
  const choice = choiceOf(flags);
  const { file } = flags;
  const digest = flags.digest === undefined ? undefined : pinned(flags.digest);
  const [said] = [...Object.keys(choice), ...(digest === undefined ? [] : ['digest'])];
  if (file !== undefined) {
    if (uris.length > 0) throw wrong('--file says which models are fetched: leave out the URIs');
    if (said !== undefined) throw wrong(`--file says itself what is fetched: leave out --${said}`);
    return ofService(file, flags);
  }
  if (uris.length === 0) return { wanted: await fromVariables(flags, said), policy: undefined };
  if (digest !== undefined && uris.length > 1)
    throw wrong('--digest is that of one model, and several are given');
  const { allowUnsafeFormats = false } = flags;
  const one = (uri: string): Wanted => ({ uri, base: process.cwd(), digest, allowUnsafeFormats, ...choice });
  return { wanted: uris.map(one), policy: undefined };
}

/** A list says itself what else there is to say. */
async function fromVariables(
  { allowUnsafeFormats }: PullFlags,
  said: string | undefined,
): Promise<readonly Wanted[]> {
  if (said !== undefined) throw wrong(`--${said} is for models that are arguments`);
  const asked = await askedModels([], {});
  return asked.map(wantedOf).map(one => (allowUnsafeFormats ? { ...one, allowUnsafeFormats } : one));
}

async function ofService(file: string, { allowUnsafeFormats }: PullFlags): Promise<ToPull> {
  const { spec } = await readService(file);
  const arms = [
    urisOf(spec, 'spec', spec.runtime),
    spec.candidate && urisOf(spec.candidate, 'spec.candidate', spec.runtime),
  ];
  const wanted = arms
    .flatMap(arm => arm ?? [])
    .map(one => {
      const said = wantedOf({ ...one, base: dirname(file) });
      return allowUnsafeFormats ? { ...said, allowUnsafeFormats } : said;
    });
  return { wanted, policy: spec.policy };
}

type Choice = Partial<Pick<Wanted, 'include' | 'exclude' | 'versions'>>;

function choiceOf({ include, exclude, versions }: ChoiceFlags): Choice {
  return written({
    include,
    exclude,
    versions: versions === undefined ? undefined : written(versionsOf('versions', versions)),
  });
}

function pulledOf(held: Held): lines.Pulled {
  const { root, digest = '', manifest, fetched, revision } = held;
  const files = manifest?.files ?? [];
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return {
    uri: calledOf(held),
    digest,
    path: root,
    files: files.length,
    bytes,
    fetched,
    ...(revision !== undefined && { revision }),
  };
}

/** Reads the cache through, and prints what is damaged; then the exit code is 1. */
export async function verify(models: readonly string[], { output }: OutputFlags): Promise<void> {
  await withStore({}, undefined, async (store, asking) => {
    const digests = models.length === 0 ? undefined : await digestsOf(store, models);
    const damages = await store.verify(digests, asking);
    const text = damages.map(one => `${lines.damageLine(one)}\n`).join('');
    process.stdout.write(output === 'json' ? lines.json(damages) : text);
    if (damages.length > 0) process.exitCode = 1;
    else process.stderr.write('no damage\n');
  });
}

/** Throws `usage_invalid` for what is not in the cache. */
async function digestsOf(store: Store, models: readonly string[]): Promise<readonly string[]> {
  const all = await store.list();
  return models.flatMap(model => {
    const found = all.filter(({ digest, uris }) => digest === model || uris.includes(redacted(model)));
    if (found.length === 0)
      throw wrong(`${redacted(model)} is not in the cache; \`fairlead store list\` tells what is`);
    return found.map(({ digest }) => digest);
  });
}

export async function list({ output }: OutputFlags): Promise<void> {
  await withStore({}, undefined, async store => {
    const all = await store.list();
    process.stdout.write(output === 'json' ? lines.json(all) : lines.cachedTable(all, Date.now()));
  });
}

/** Removes what nobody uses, and prints what that was. */
export async function prune(flags: PruneFlags): Promise<void> {
  const given = [flags.keep, flags.olderThan, flags.all].filter(one => one !== undefined);
  if (given.length > 1)
    throw wrong('--keep, --older-than and --all each say how much is removed: give one of them');
  const cutMs = flags.olderThan === undefined ? undefined : ageMs(flags.olderThan);
  const keep =
    flags.keep === undefined ? variableSize('FAIRLEAD_CACHE_QUOTA', process.env) : bytesOf(flags.keep);
  await withStore({}, undefined, async (store, asking) => {
    const removed =
      cutMs === undefined
        ? await store.prune(flags.all ? 0 : (keep ?? Number.MAX_SAFE_INTEGER), asking)
        : await pruneOlder(store, Date.now() - cutMs, asking);
    const text = removed
      .map(({ digest, uris }) => `${digest}  ${uris.join(', ')}`.trimEnd())
      .map(line => `${line}\n`);
    process.stdout.write(flags.output === 'json' ? lines.json(removed) : text.join(''));
    process.stderr.write(`${lines.freedLine(removed)}\n`);
  });
}

/** One by one from the least lately used on, since what two models share is counted once. */
async function pruneOlder(store: Store, before: number, asking: Asking): Promise<readonly Cached[]> {
  const removed: Cached[] = [];
  for (;;) {
    const all = await store.list();
    const isOld = all.some(({ usedAt, inUse }) => usedAt < before && !inUse);
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const gone = isOld && total > 0 ? await store.prune(total - 1, asking) : [];
    if (gone.length === 0) return removed;
    removed.push(...gone);
  }
}

function bytesOf(text: string): number {
  const read = readSize(text, Number.MAX_SAFE_INTEGER);
  if (read.ok) return read.value;
  throw wrong(`--keep ${read.error}, not '${text}'`);
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function ageMs(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = UNITS[unit];
  if (count !== undefined && ms !== undefined) return Number(count) * ms;
  throw wrong(
    `--older-than must be a number of minutes, hours or days such as 90m, 12h or 30d, not '${text}'`,
  );
}

/** Prints what to pin. Nothing is loaded, so nothing is refused. */
export async function digestsTold(uris: readonly string[], flags: ChoiceFlags): Promise<void> {
  const choice = choiceOf(flags);
  await withStore({ isOnlyRead: true }, undefined, async (store, asking) => {
    const found: Pick<lines.Pulled, 'uri' | 'digest'>[] = [];
    for (const uri of uris)
      found.push({ uri: redacted(uri), digest: await digestTold(store, { uri, ...choice }, asking) });
    process.stdout.write(flags.output === 'json' ? lines.json(found) : lines.digestLines(found));
  });
}

/** What lies on a volume is read through as a path is: the store only names it. */
async function digestTold(
  store: Store,
  { uri, ...choice }: Choice & Pick<Wanted, 'uri'>,
  asking: Asking,
): Promise<string> {
  const base = process.cwd();
  const held = isElsewhere(uri)
    ? await store.hold({ uri, base, allowUnsafeFormats: true, ...choice }, asking)
    : undefined;
  if (held?.digest !== undefined) return held.digest;
  const path = held?.root ?? resolve(base, localPath(uri));
  return digestOfPath(path, choice).catch(error => Promise.reject(explained(error, uri, base)));
}

type Work = (store: Store, asking: Asking) => Promise<void>;

/** Progress is shown on a terminal, and nothing of it is left there. */
async function withStore(flags: StoreFlags, policy: Policy | undefined, work: Work): Promise<void> {
  const terminal = new Terminal(process.stderr);
  const tell = tellTerminal(terminal);
  const stores = await modelStores(flags, { logger: warnings(terminal), tell });
  try {
    await work(await stores.under(policy).store(), { onProgress: tell });
  } finally {
    terminal.end();
  }
}

/** What the store has to say beside its errors. */
function warnings(terminal: Terminal): Logger {
  return {
    enabled: level => level === 'warn' || level === 'error',
    log: (level, message, facts) => {
      if (level === 'warn' || level === 'error') terminal.line(`${message} ${JSON.stringify(facts ?? {})}`);
    },
  };
}
