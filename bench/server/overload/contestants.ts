/** Who is overloaded with what: how each server is started, and what it is asked over and over. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Contestant } from '../contestant.ts';
import { program } from '../environments.ts';
import { encode, type Form } from '../forms.ts';
import type { Model } from '../models.ts';
import { peers } from '../peers.ts';
import { places } from '../places.ts';
import type { OverloadModel } from './models.ts';

/** One server with one model. */
export interface Entry {
  readonly name: string;
  /** Which of bench/peers/requirements it needs. */
  readonly environment?: string;
  /** `{port}` stands for the port of 127.0.0.1 on which it is to listen. */
  readonly argv: readonly [string, ...string[]];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What the body of every right answer holds. */
  readonly sign: string;
}

/** This server first, then what it is compared with. */
export function entries(model: OverloadModel, deadlineMs: number): readonly Entry[] {
  return [
    fairlead(model, deadlineMs),
    fairlead(model),
    ...peersFor(model),
    tritonWithPolicy(model, deadlineMs),
  ];
}

/** Without a deadline of its own it has the usual one, which is as good as none here. */
function fairlead(model: OverloadModel, deadlineMs?: number): Entry {
  const launcher = join(places.root, 'fairlead');
  const common = ['--port', '{port}', '--grpc-port', 'off', '--log-level', 'warn'];
  const bound = deadlineMs !== undefined && takesDeadline(launcher) ? ['--deadline', `${deadlineMs}ms`] : [];
  const entry: Entry = {
    name: deadlineMs === undefined ? 'fairlead, no deadline' : 'fairlead',
    argv: [launcher, 'serve', `${model.name}=${model.path}`, ...common, ...bound],
    ...asked(model, { path: `/models/${model.name}/predict`, form: 'rows' }),
  };
  if (deadlineMs === undefined) return entry;
  return { ...entry, headers: { ...entry.headers, 'x-deadline-ms': String(deadlineMs) } };
}

/** Until there is the flag, the header alone says what is wanted. */
function takesDeadline(launcher: string): boolean {
  return execFileSync(launcher, ['serve', '--help'], { encoding: 'utf8' }).includes('--deadline');
}

/** Each peer once: with its batching where it has one and the model gains by it, as its row there says. */
function peersFor(model: OverloadModel): Entry[] {
  const able = peers.map(peer => peerEntry(peer, model)).filter(entry => entry !== undefined);
  const byPeer = Map.groupBy(able, ({ peer }) => peer);
  return [...byPeer.values()].map(rows => rows.at(-1)?.entry).filter(entry => entry !== undefined);
}

function peerEntry(
  peer: Contestant,
  model: OverloadModel,
): { readonly peer: string; readonly entry: Entry } | undefined {
  const door = peer.door(model);
  const argv = peer.command([model]);
  // One whose command names no file has a model of its own.
  if (door === undefined || door.form === 'grpc' || !argv.some(part => part.includes(model.path)))
    return undefined;
  const { name, environment } = peer;
  const entry: Entry = {
    name,
    argv,
    ...(environment === undefined ? {} : { environment }),
    ...asked(model, door),
  };
  return { peer: peer.peer, entry };
}

/** Triton with what it has against overload: a bound on its queue and on the time in it. */
function tritonWithPolicy(model: OverloadModel, deadlineMs: number): Entry {
  const script = join(import.meta.dirname, 'triton_policy.py');
  const numbers = [deadlineMs, model.shortBatch].map(String);
  return {
    name: 'Triton, queue policy',
    environment: 'triton',
    argv: [
      program('triton', 'python'),
      script,
      ...numbers,
      '{port}',
      `${model.name}=${model.path}`,
      '--batch',
    ],
    ...asked(model, { path: `/v2/models/${model.name}/infer`, form: 'v2' }),
  };
}

function asked(
  model: Model,
  { path, form }: { readonly path: string; readonly form: Form },
): Pick<Entry, 'path' | 'headers' | 'body' | 'sign'> {
  const size = model.row.reduce((product, each) => product * each, 1);
  const row = Array.from({ length: size }, (_, index) => index % 17);
  const sign = form === 'rows' || form === 'bytes' ? '[[' : '"outputs"';
  return { path, ...encode(form, model, row), sign };
}
