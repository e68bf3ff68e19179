/** The server on trial, in a process of its own so that its memory is its own: reads what to serve, prints where it listens. */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '#base';
import { ModelServer, type ModelToServe, onnxRuntime, usualSettings } from '#server';

export interface Subject {
  readonly models: readonly ModelToServe[];
  /** Without it, every model is loaded at the start. */
  readonly budget?: number;
  /** Whether models may be loaded again by request. */
  readonly control?: boolean;
}

const [, , file = ''] = process.argv;
const { models, budget, control = false } = JSON.parse(readFileSync(file, 'utf8')) as Subject;
const server = new ModelServer(
  {
    models,
    ...(budget !== undefined && { lazy: { memoryBytes: budget } }),
    host: '127.0.0.1',
    port: 0,
    grpcPort: 0,
    modelControl: control,
    settings: usualSettings,
    maxBody: 1_000_000,
    maxInFlight: 256,
    requestTimeMs: 30_000,
    drainDelayMs: 0,
    graceMs: 5000,
  },
  {
    clock: systemClock,
    logger: {
      enabled: level => level === 'error',
      log: (level, message, facts) => {
        if (level === 'error') process.stderr.write(`${message} ${JSON.stringify(facts)}\n`);
      },
    },
    runtime: onnxRuntime,
    idPrefix: 'many',
    identity: { name: 'fairlead', version: '0' },
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  },
);
const close = (): void => void server.close().then(() => process.exit());
process.stdin.once('end', close).resume();
process.once('SIGTERM', close);
const { http, grpc } = await server.listen();
await server.load();
process.stdout.write(`${http} ${grpc}\n`);
