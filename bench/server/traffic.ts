/** How a server is asked and loaded in each form. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { z } from 'zod';
import type { Command, Server } from '../measure/children.ts';
import { postJson } from '../measure/post.ts';
import { CLASSES, predictionsIn } from './answers.ts';
import { h2loadCommand, parseH2load } from './h2load.ts';
import { places } from './places.ts';
import { binaryRequest, type Form, framed, lastFloats, PATHS, rpcRequest } from './requests.ts';
import { type LoadResult, parseWrk, wrkCommand } from './wrk.ts';

export interface Load {
  readonly server: Server;
  /** Requests at once. */
  readonly connections: number;
  readonly seconds: number;
}

export interface Traffic {
  /** The probabilities of one row. Throws when there is no answer within five seconds. */
  ask(server: Server, pixels: readonly number[]): Promise<readonly number[]>;
  command(load: Load, core: number): Command;
  /** Reads what the command printed. */
  read(output: string): LoadResult;
}

const DEADLINE_MS = 5000;
const h2loadLog = join(places.peers, 'h2load.log');

export const traffics: Readonly<Record<Form, Traffic>> = {
  json: {
    async ask({ url }, pixels) {
      const answer = await postJson(`${url}${PATHS.json}`, JSON.stringify({ inputs: [pixels] }), DEADLINE_MS);
      if (answer.status !== 200) throw new Error(`status ${answer.status}`);
      return predictionsIn(answer.body)[0] ?? [];
    },
    command: ({ server, ...load }, core) =>
      wrkCommand({ ...load, url: `${server.url}${PATHS.json}`, body: places.request, headers: [] }, core),
    read: parseWrk,
  },
  binary: {
    async ask({ url }, pixels) {
      const { body, headers } = binaryRequest(pixels);
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const response = await fetch(`${url}${PATHS.binary}`, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
        signal,
      });
      if (response.status !== 200) throw new Error(`status ${response.status}`);
      return lastFloats(Buffer.from(await response.arrayBuffer()), CLASSES);
    },
    command: ({ server, ...load }, core) => {
      const { body, headers } = binaryRequest(loadedRow());
      const named = Object.entries(headers).map(([name, value]) => `${name}=${value}`);
      const url = `${server.url}${PATHS.binary}`;
      return wrkCommand({ ...load, url, body: written('request.bin', body), headers: named }, core);
    },
    read: parseWrk,
  },
  grpc: {
    ask: async (server, pixels) => lastFloats(await call(server, rpcRequest(pixels)), CLASSES),
    command: ({ server, ...load }, core) => {
      const url = `http://${rpcAddress(server)}${PATHS.grpc}`;
      const body = written('request.grpc', framed(rpcRequest(loadedRow())));
      return h2loadCommand({ ...load, url, body, log: h2loadLog }, core);
    },
    read: output => parseH2load(output, readFileSync(h2loadLog, 'utf8')),
  },
};

async function call(server: Server, message: Buffer): Promise<Buffer> {
  const client = new Client(rpcAddress(server), credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { deadline: Date.now() + DEADLINE_MS };
      client.makeUnaryRequest(PATHS.grpc, same, same, message, options, (error, answer) =>
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

/** The row that every request of a load sends. */
function loadedRow(): readonly number[] {
  const request = z.object({ inputs: z.tuple([z.array(z.number()).length(64)]) });
  return request.parse(JSON.parse(readFileSync(places.request, 'utf8'))).inputs[0];
}

function written(name: string, bytes: Buffer): string {
  const path = join(places.peers, name);
  writeFileSync(path, bytes);
  return path;
}
