import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { failure } from '#base';
import { foreignKind, type Launch, launch, type Place, type Revision, type StagedFile } from '#spec';
import { FreePorts } from './free-ports.ts';

/** Servers listen here only: the gateway is the one door. */
const HOST = '127.0.0.1';

/** All that one process needs before it can start, and what is to be done once it has ended. */
export interface Ground {
  readonly launch: Launch;
  /** Where its files lie; undefined for a server of fairlead, which has none. */
  readonly folder?: string;
  /** Whether somebody else has one of its ports, so that other ports may do. */
  isContested(): Promise<boolean>;
  /** Its ports and files are nobody's again. Safe to call again. */
  release(): Promise<void>;
}

export interface GroundsOptions {
  readonly program: readonly string[];
  /** Whether servers are to speak gRPC. */
  readonly grpc: boolean;
  /** The least level that servers log, whatever the file says. */
  readonly logLevel?: string | undefined;
}

/** Where servers of this machine start: ports and files that each has for itself. */
export class Grounds {
  readonly #options: GroundsOptions;
  readonly #ports = new FreePorts(HOST);
  readonly #folders = new Set<string>();

  constructor(options: GroundsOptions) {
    this.#options = options;
  }

  /** Throws what node:fs says, `listen_failed`, or `port_taken` for one that the file fixes. */
  prepare(revision: Revision): Promise<Ground> {
    return foreignKind(revision.runtime) === undefined ? this.#own(revision) : this.#others(revision);
  }

  /** Removes what is left. Call it when no process is. */
  async close(): Promise<void> {
    await Promise.all([...this.#folders].map(remove));
  }

  /** A server of fairlead chooses its ports itself, and needs no files. */
  async #own(revision: Revision): Promise<Ground> {
    const { program, grpc, logLevel } = this.#options;
    const grpcPort = grpc ? 0 : undefined;
    const place = { program, host: HOST, port: 0, grpcPort, logLevel, behindGateway: true };
    return {
      launch: launch(revision, place),
      isContested: () => Promise.resolve(false),
      release: () => Promise.resolve(),
    };
  }

  async #others(revision: Revision): Promise<Ground> {
    const ports = await this.#ports.take(3);
    const [port = 0, grpcPort = 0, metricsPort = 0] = ports;
    // Nobody else may read or change what lies in it.
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-'));
    this.#folders.add(folder);
    const { program } = this.#options;
    const place: Place = { program, host: HOST, port, grpcPort, metricsPort, folder, behindGateway: true };
    const found = launch(revision, place);
    const release = async (): Promise<void> => {
      this.#ports.give(ports);
      await remove(folder);
      this.#folders.delete(folder);
    };
    try {
      await this.#mustBeFree(fixedPorts(found, ports));
      for (const file of found.files) await stage(file, folder);
    } catch (error: unknown) {
      await release();
      throw error;
    }
    return { launch: found, folder, isContested: async () => !(await this.#ports.areFree(ports)), release };
  }

  /** Who listens there already would be asked how the new server is, and might say that it is well. */
  async #mustBeFree(fixed: readonly number[]): Promise<void> {
    for (const port of fixed)
      if (!(await this.#ports.areFree([port]))) throw failure('port_taken', { address: `${HOST}:${port}` });
  }
}

function fixedPorts({ listening, metrics }: Launch, chosen: readonly number[]): number[] {
  const told = listening.kind === 'told' ? [listening.http, listening.grpc] : [];
  return [...told, metrics?.port].filter(port => port !== undefined).filter(port => !chosen.includes(port));
}

/** The guard of a process that has just ended may be removing it too. */
async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function stage(file: StagedFile, folder: string): Promise<void> {
  const path = join(folder, file.name);
  await mkdir(dirname(path), { recursive: true });
  if ('link' in file) await symlink(file.link, path);
  else await writeFile(path, file.text);
}
