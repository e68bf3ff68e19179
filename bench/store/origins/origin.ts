/** A server that an artifact is pulled from, by fairlead and by what a user would take instead. */
import type { Artifact } from '../artifact.ts';

/** What a user would take instead: the provider's own command, or a downloader. */
export interface Peer {
  readonly name: string;
  /** Writes into a folder that is there and empty. The first name is the program itself, so that its process can be looked at. */
  readonly argv: (folder: string) => readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** An artifact that lies at a server. */
export interface Laid {
  /** What fairlead is asked for. */
  readonly uri: string;
  readonly env: Readonly<Record<string, string>>;
  readonly peers: readonly Peer[];
  /** The same through a proxy at that port of this machine. */
  readonly through: (port: number) => { uri: string; env: Readonly<Record<string, string>> };
  /** Where such a proxy goes on to. */
  readonly server: URL;
  remove(): Promise<void>;
}

export interface Origin {
  /** The server and its version, as the report calls it. */
  readonly name: string;
  /** The most bytes that it is given: some keep an object in memory. */
  readonly most?: number;
  lay(artifact: Artifact, connections: number): Promise<Laid>;
  stop?(): Promise<void>;
}

/** A server that cannot be had here: the reason. */
export class Absent extends Error {}
