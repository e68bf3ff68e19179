/** A fairlead with the fixtures, and those that cases start beside it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fixture, fixtures, rankedHalfPlusTwo, writeFixtures } from './fixtures.ts';
import { Peer } from './peer.ts';
import { knows, type Server, startServer } from './server.ts';

/** The server under test, when it is started here. */
export interface Own {
  readonly peer: Peer;
  /** What must be known of it to read the results. */
  readonly notes: readonly string[];
  /** Stops what a case has started. */
  readonly afterCase: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts fairlead with every fixture; a quick one lets no case start others. The caller closes it. */
export async function startOwn(quick = false): Promise<Own> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-conformance-'));
  writeFixtures(folder, Object.values(fixtures));
  try {
    const { server, notes } = await startMain(folder);
    return ownPeer(folder, { server, notes, quick });
  } catch (error: unknown) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Started {
  readonly server: Server;
  readonly notes: readonly string[];
  readonly quick: boolean;
}

function ownPeer(folder: string, { server, notes, quick }: Started): Own {
  const started: Peer[] = [];
  const start: Peer['start'] = async ({ fixtures: list = [fixtures.S, fixtures.slow], ...options }) => {
    const another = await startServer({ models: argumentsOf(folder, list), ...options });
    const peer = new Peer({ http: another.http, grpc: another.grpc, server: another, start });
    started.push(peer);
    return peer;
  };
  const { http, grpc } = server;
  const peer = new Peer({ http, grpc, server, ...(!quick && { start }) });
  const afterCase = async (): Promise<void> => {
    await Promise.all(started.splice(0).map(one => one.close()));
  };
  const close = async (): Promise<void> => {
    await afterCase();
    await peer.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { peer, notes, afterCase, close };
}

/** A server that refuses the one model without a rank gets it with one. */
async function startMain(folder: string): Promise<{ server: Server; notes: readonly string[] }> {
  const models = argumentsOf(folder, Object.values(fixtures));
  const { name, versions } = fixtures.P;
  const flags = knows('--label') ? ['--label', `${name}:stable=${versions[0]}`] : [];
  try {
    return { server: await startServer({ models, flags }), notes: [] };
  } catch (error: unknown) {
    if (!/rank/.test(String(error))) throw error;
  }
  for (const version of versions) writeFileSync(join(folder, name, version, 'model.onnx'), rankedHalfPlusTwo);
  const notes = [`${name} is declared [-1]: this server takes no model of unknown rank`];
  return { server: await startServer({ models, flags }), notes };
}

/** `NAME=PATH` for every version. */
function argumentsOf(folder: string, list: readonly Fixture[]): string[] {
  return list.flatMap(({ name, versions }) =>
    versions.map(version => `${name}=${join(folder, name, version)}`),
  );
}

/** A server whose models are loaded and unloaded by request, and the repository it has. */
export interface Controlled {
  readonly peer: Peer;
  /** A folder for each model, with one for each version. */
  readonly folder: string;
}

/** Starts a server that loads and unloads by request, with these models loaded. It is stopped after the case. */
export async function controlled(peer: Peer, list: readonly Fixture[]): Promise<Controlled> {
  const around = mkdtempSync(join(tmpdir(), 'fairlead-repository-'));
  const folder = join(around, 'models');
  writeFixtures(folder, list);
  const models = list.map(({ name }) => `${name}=${join(folder, name)}`);
  const remove = (): void => rmSync(around, { recursive: true, force: true });
  try {
    const own = await peer.start({ models, flags: ['--model-control'] });
    void own.server.ended.then(remove);
    return { peer: own, folder };
  } catch (error: unknown) {
    remove();
    throw error;
  }
}

/** Writes a version of a model into its repository, in the place of what was there; gives its folder. */
export function putVersion({ folder }: Controlled, name: string, version: string, bytes: Buffer): string {
  const place = join(folder, name, version);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'model.onnx'), bytes);
  return place;
}
