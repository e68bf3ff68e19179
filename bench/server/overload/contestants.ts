/** Who is overloaded: this server, its peers, and one of them with its own means against it. */
import { join } from 'node:path';
import { type Contestant, v2 } from '../contestant.ts';
import { program } from '../environments.ts';
import type { Model } from '../models.ts';
import { peers } from '../peers.ts';
import { places } from '../places.ts';
import type { OverloadModel } from './models.ts';

/** A server, and what the load sends besides the request. */
export interface Entry {
  readonly contestant: Contestant;
  readonly headers: Readonly<Record<string, string>>;
}

/** This server first, then what it is compared with: who can be asked for `model` over HTTP/1.1. */
export function entries(model: OverloadModel, deadlineMs: number): readonly Entry[] {
  const others = [...peersFor(model), tritonWithPolicy(model, deadlineMs)];
  return [
    { contestant: fairlead('fairlead', deadlineMs), headers: { 'x-deadline-ms': String(deadlineMs) } },
    ...[fairlead('fairlead, no deadline'), ...others].map(contestant => ({ contestant, headers: {} })),
  ];
}

/** Without a deadline of its own it has the usual one, which is as good as none here. */
function fairlead(name: string, deadlineMs?: number): Contestant {
  const launcher = join(places.root, 'fairlead');
  const bound = deadlineMs === undefined ? [] : ['--deadline', `${deadlineMs}ms`];
  return {
    name,
    peer: name,
    kind: 'fairlead',
    command: models => {
      const pairs = models.map(model => `${model.name}=${model.path}`);
      return [launcher, 'serve', ...pairs, '--port', '{port}', '--grpc-port', 'off', ...quiet, ...bound];
    },
    door: model => ({ path: `/models/${model.name}/predict`, form: 'rows' }),
    live: '/health',
    quick: true,
  };
}

const quiet = ['--log-level', 'warn'];

/** Each peer once: with its batching where it has one and the model gains by it, as its row there says. */
function peersFor(model: Model): Contestant[] {
  const byPeer = Map.groupBy(
    peers.filter(each => serves(each, model)),
    ({ peer }) => peer,
  );
  return [...byPeer.values()].flatMap(rows => rows.at(-1) ?? []);
}

function serves(contestant: Contestant, model: Model): boolean {
  const form = contestant.door(model)?.form;
  // One whose command does not name the file has a model of its own.
  return (
    form !== undefined &&
    form !== 'grpc' &&
    contestant.command([model]).some(part => part.includes(model.path))
  );
}

/** Triton with what it has against overload: a bound on its queue and on the time in it. */
function tritonWithPolicy({ shortBatch }: OverloadModel, deadlineMs: number): Contestant {
  const script = join(import.meta.dirname, 'triton_policy.py');
  return {
    name: 'Triton, queue policy',
    peer: 'Triton, queue policy',
    kind: 'native',
    environment: 'triton',
    command: models => {
      const pairs = models.map(model => `${model.name}=${model.path}`);
      const numbers = [deadlineMs, shortBatch].map(String);
      return [program('triton', 'python'), script, ...numbers, '{port}', ...pairs, '--batch'];
    },
    door: model => v2('v2', model),
    live: '/v2/health/live',
    quick: true,
  };
}
