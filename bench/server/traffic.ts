/** How a server is asked for one row, and how it is loaded. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import type { Command, Server } from '../measure/children.ts';
import type { Door } from './contestant.ts';
import { decode, encode, framed } from './forms.ts';
import { h2loadCommand, parseH2load } from './h2load.ts';
import { loadedRow, type Model } from './models.ts';
import { places } from './places.ts';
import { type LoadResult, parseWrk, wrkCommand } from './wrk.ts';

/** A model of a running server. */
export interface Target {
  readonly server: Server;
  readonly door: Door;
  readonly model: Model;
}

export interface Load extends Target {
  /** Requests at once. */
  readonly connections: number;
  readonly seconds: number;
}

const DEADLINE_MS = 30_000;
const h2loadLog = join(places.peers, 'h2load.log');

/** What a row is answered with. Throws when there is no good answer within half a minute. */
export async function ask(
  { server, door, model }: Target,
  row: readonly number[],
): Promise<readonly number[]> {
  const { body, headers } = encode(door.form, model, row);
  if (door.form === 'grpc') return decode(door.form, model, await call(server, door.path, body));
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const request = { method: 'POST', headers, body: new Uint8Array(body), signal };
  const response = await fetch(`${server.url}${door.path}`, request);
  const answer = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200)
    throw new Error(`status ${response.status}: ${answer.subarray(0, 200).toString()}`);
  return decode(door.form, model, answer);
}

/** The client of a load: every request asks for the same row. */
export function loadCommand({ server, door, model, ...load }: Load, core: number): Command {
  const { body, headers } = encode(door.form, model, loadedRow(model));
  if (door.form === 'grpc') {
    const url = `http://${rpcAddress(server)}${door.path}`;
    return h2loadCommand({ ...load, url, body: written('request.grpc', framed(body)), log: h2loadLog }, core);
  }
  const named = Object.entries(headers).map(([name, value]) => `${name}=${value}`);
  const file = written(`${model.name}.${door.form}`, body);
  return wrkCommand({ ...load, url: `${server.url}${door.path}`, body: file, headers: named }, core);
}

/** Reads what the client printed. */
export function readLoad({ door }: Pick<Load, 'door'>, output: string): LoadResult {
  return door.form === 'grpc' ? parseH2load(output, readFileSync(h2loadLog, 'utf8')) : parseWrk(output);
}

async function call(server: Server, path: string, message: Buffer): Promise<Buffer> {
  const client = new Client(rpcAddress(server), credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { deadline: Date.now() + DEADLINE_MS };
      client.makeUnaryRequest(path, same, same, message, options, (error, answer) =>
        error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error('no answer')),
      );
    });
  } finally {
    client.close();
  }
}

function rpcAddress(server: Server): string {
  const line = server.lines().find(one => one.startsWith('grpc://'));
  if (line === undefined) throw new Error(`${server.name} has not said where it serves gRPC`);
  return line.slice('grpc://'.length);
}

function written(name: string, bytes: Buffer): string {
  mkdirSync(places.bodies, { recursive: true });
  const path = join(places.bodies, name);
  writeFileSync(path, bytes);
  return path;
}
