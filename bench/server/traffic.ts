/** What is sent to a server: the same row of digits in each of the forms that one can ask for it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Command, Server } from '../measure/children.ts';
import { h2loadCommand, parseH2load } from './h2load.ts';
import { places } from './places.ts';
import { type LoadResult, parseWrk, wrkCommand } from './wrk.ts';

export type Form = 'json' | 'binary' | 'grpc';

export interface Load {
  readonly server: Server;
  /** Requests at once. */
  readonly connections: number;
  readonly seconds: number;
}

/** A load's command, and how what it prints is read. */
export interface Traffic {
  command(load: Load, core: number): Command;
  read(output: string): LoadResult;
}

const METHOD = '/inference.GRPCInferenceService/ModelInfer';

export const traffics: Readonly<Record<Form, Traffic>> = {
  json: {
    command: ({ server, ...load }, core) =>
      wrkCommand({ ...load, url: `${server.url}/predict`, body: places.request, headers: [] }, core),
    read: parseWrk,
  },
  binary: {
    command: ({ server, ...load }, core) => {
      const { body, jsonLength } = binaryRequest();
      const headers = [
        `Inference-Header-Content-Length=${jsonLength}`,
        'Content-Type=application/octet-stream',
      ];
      const url = `${server.url}/v2/models/digits/infer`;
      return wrkCommand({ ...load, url, body: written('request.bin', body), headers }, core);
    },
    read: parseWrk,
  },
  grpc: {
    command: ({ server, ...load }, core) => {
      const grpc = server.lines().find(line => line.startsWith('grpc://'));
      if (grpc === undefined) throw new Error(`${server.name} has not said where it serves gRPC`);
      const url = `${grpc.replace('grpc:', 'http:')}${METHOD}`;
      const body = written('request.grpc', grpcRequest());
      return h2loadCommand({ ...load, url, body, log: join(places.peers, 'h2load.log') }, core);
    },
    read: output => parseH2load(output, readFileSync(join(places.peers, 'h2load.log'), 'utf8')),
  },
};

/** The row as the 64 floats that every form carries. */
function row(): Buffer {
  const request = z.object({ inputs: z.tuple([z.array(z.number()).length(64)]) });
  const { inputs } = request.parse(JSON.parse(readFileSync(places.request, 'utf8')));
  return Buffer.from(Float32Array.from(inputs[0]).buffer);
}

function binaryRequest(): { body: Buffer; jsonLength: number } {
  const bytes = row();
  const input = {
    name: 'pixels',
    datatype: 'FP32',
    shape: [1, 64],
    parameters: { binary_data_size: bytes.length },
  };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  return { body: Buffer.concat([head, bytes]), jsonLength: head.length };
}

/**
 * ModelInferRequest with model_name (1), one input (5: name 1, datatype 2, shape 3) and its raw contents (7), in the frame
 * of a gRPC message. By hand, so that the bench does not measure with what it measures.
 */
function grpcRequest(): Buffer {
  const field = (number: number, value: string | Buffer): Buffer => {
    const bytes = Buffer.from(value);
    const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
  };
  const input = [field(1, 'pixels'), field(2, 'FP32'), field(3, Buffer.from([1, 64]))];
  const message = Buffer.concat([field(1, 'digits'), field(5, Buffer.concat(input)), field(7, row())]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function written(name: string, bytes: Buffer): string {
  const path = join(places.peers, name);
  writeFileSync(path, bytes);
  return path;
}
