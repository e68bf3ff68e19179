import assert from 'node:assert/strict';
import test from 'node:test';
import { type Logger, systemClock } from '#base';
import { type RpcCall, RpcStatus } from '#net';
import { Admission } from '../../admission.ts';
import { modelMetrics } from '../../metrics/model-metrics.ts';
import { Registry } from '../../metrics/registry.ts';
import { Directory } from '../../models/directory.ts';
import type { RunningModel } from '../../models/running.ts';
import { Predictions } from '../../predictions.ts';
import type { RpcPredictions } from '../../protocols/rpc.ts';
import { Roster } from '../../roster.ts';
import type { LastingCall } from './context.ts';
import { PredictionStream } from './prediction-stream.ts';

const silent: Logger = { enabled: () => false, log: () => {} };

/** Every message asks for a model that is not there, and is answered with that message. */
const echo: RpcPredictions<Buffer> = {
  kind: 'predictions',
  predict: {
    kind: 'predict',
    parse: message => message,
    target: () => ({ name: 'nobody' }),
    translator: {
      name: 'test.echo',
      decode: () => {
        throw new Error('there is no model');
      },
      answer: () => [],
    },
  },
  answered: answer => answer,
  refused: (_, message) => [message ?? Buffer.alloc(0)],
};

class Client implements RpcCall {
  readonly path = '/test/Echo';
  readonly peer = 'test';
  readonly deadline = Infinity;
  readonly cancelled = false;
  readonly answers: string[] = [];
  readonly over = Promise.withResolvers<number>();
  /** What it does when a message is let go of. */
  onRelease = (): void => undefined;
  /** Whether it takes no more for now. */
  full = false;

  header(): undefined {
    return undefined;
  }

  sendHeaders(): void {
    assert.fail('nobody sends headers');
  }

  send(pieces: readonly Uint8Array[]): boolean {
    this.answers.push(Buffer.concat(pieces).toString());
    return !this.full;
  }

  finish(status: number): void {
    this.over.resolve(status);
  }

  release(): void {
    this.onRelease();
  }
}

function open(client: Client): { readonly stream: PredictionStream; readonly roster: Roster<LastingCall> } {
  const metrics = modelMetrics(new Registry(), { name: 'm', version: '1' });
  const models = new Directory<RunningModel>([]);
  const admission = new Admission({ inFlight: 1, bodyBytes: 1 });
  const predictions = new Predictions({ models, metricsOf: () => metrics, admission });
  const roster = new Roster<LastingCall>();
  const context = { clock: systemClock, logger: silent, freshId: () => 'id', models, predictions };
  return { stream: new PredictionStream(client, echo, { context, roster }), roster };
}

test('a stream that leaves answers what had come, and nothing that comes after, however much that is', async () => {
  const client = new Client();
  const { stream, roster } = open(client);
  let count = 0;
  const ask = (): void => stream.message(Buffer.from(String(count++)));
  client.onRelease = () => {
    if (count < 100) ask();
  };
  ask();
  ask();
  stream.leave();
  assert.equal(await client.over.promise, RpcStatus.unavailable);
  assert.deepEqual(client.answers, ['0', '1']);
  assert.deepEqual(roster.all(), []);
});

test('a stream that its client ends is over after its last answer', async () => {
  const client = new Client();
  const { stream, roster } = open(client);
  for (const text of ['a', 'b', 'c']) stream.message(Buffer.from(text));
  stream.ended();
  assert.equal(await client.over.promise, RpcStatus.ok);
  assert.deepEqual(client.answers, ['a', 'b', 'c']);
  assert.deepEqual(roster.all(), []);
});

test('a stream that leaves does not end well when it left a message unanswered', async () => {
  const client = new Client();
  const { stream } = open(client);
  stream.message(Buffer.from('a'));
  stream.leave();
  stream.message(Buffer.from('b'));
  stream.ended();
  assert.equal(await client.over.promise, RpcStatus.unavailable);
  assert.deepEqual(client.answers, ['a']);
});

test('to a client that takes no answers, no more are sent, and what it asked stays counted', async () => {
  const client = new Client();
  const { stream } = open(client);
  let released = 0;
  client.onRelease = () => void released++;
  client.full = true;
  for (const text of ['a', 'b', 'c']) stream.message(Buffer.from(text));
  await new Promise(resolve => setImmediate(resolve));
  assert.deepEqual([client.answers, released], [['a'], 0]);
  stream.drained();
  assert.deepEqual([client.answers, released], [['a', 'b'], 1]);
  client.full = false;
  stream.drained();
  assert.deepEqual([client.answers, released], [['a', 'b', 'c'], 3]);
});
