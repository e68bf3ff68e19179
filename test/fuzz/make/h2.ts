/** HTTP/2 by hand: frames in any order, of any size, with anything in them. */
import { block, Flag, frame, PREFACE, Type, word } from '../../../src/net/io/rpc/fixtures/frames.ts';
import type { FuzzModel } from '../models.ts';
import type { Random } from '../random.ts';
import { methods } from '../services.ts';
import { messageFor } from './calls.ts';

type Fields = readonly (readonly [string, string])[];

const PATHS = [...methods.keys()];

/** A connection's frames, from the first on. Streams have odd numbers, going up, mostly. */
export function connectionFrames(models: readonly FuzzModel[], random: Random): Buffer {
  const state = { stream: 1, models, random };
  const actions = random.list(1 + random.size(12), () => action(state));
  const settings = frame(Type.settings, 0, 0, random.chance(0.8) ? Buffer.alloc(0) : settingsPayload(random));
  const greeting = random.chance(0.99) ? [PREFACE, settings] : [settings];
  return Buffer.concat([...greeting, ...actions]);
}

interface State {
  stream: number;
  readonly models: readonly FuzzModel[];
  readonly random: Random;
}

function action(state: State): Buffer {
  const { random } = state;
  if (random.chance(0.5)) return wholeCall(state);
  return random.pick(actions)(state);
}

const actions: readonly ((state: State) => Buffer)[] = [
  // Half a call, and one that is reset at once, or later.
  state => frame(Type.headers, Flag.endHeaders, next(state), block(fields(state))),
  state =>
    Buffer.concat([
      wholeCall(state),
      frame(Type.reset, 0, Math.max(1, state.stream - 2), word(state.random.pick([0, 1, 8, 11]))),
    ]),
  state => frame(Type.reset, 0, state.random.pick([0, 1, state.stream, 2, 2 ** 31 - 1]), word(8)),
  // Bytes for a stream that may not be there; padded, or as many as there are not.
  ({ random, stream }) =>
    frame(
      Type.data,
      random.below(16),
      random.pick([0, 1, stream, Math.max(0, stream - 2)]),
      random.bytes(random.size(300)),
    ),
  // Headers in parts, and with garbage for HPACK.
  state => inParts(state, block(fields(state))),
  state =>
    frame(Type.headers, state.random.below(64), next(state), state.random.bytes(state.random.size(200))),
  state => inParts(state, state.random.bytes(state.random.size(100))),
  // Windows that are closed, opened, or burst.
  ({ random, stream }) =>
    frame(
      Type.windowUpdate,
      0,
      random.pick([0, 1, Math.max(0, stream - 2)]),
      word(random.pick([0, 1, 65_535, 2 ** 31 - 1])),
    ),
  ({ random }) =>
    frame(Type.settings, random.pick([0, 0, 0, 1]), random.pick([0, 0, 0, 1]), settingsPayload(random)),
  // Floods, bounded.
  ({ random }) => Buffer.concat(random.list(random.size(200), () => frame(Type.ping, 0, 0, Buffer.alloc(8)))),
  ({ random }) => Buffer.concat(random.list(random.size(100), () => frame(Type.settings, 0, 0))),
  state =>
    Buffer.concat(
      state.random.list(state.random.size(50), () =>
        Buffer.concat([frame(Type.headers, 5, next(state), block(fields(state)))]),
      ),
    ),
  state =>
    Buffer.concat(
      state.random.list(state.random.size(60), () =>
        frame(Type.continuation, 0, state.stream, Buffer.alloc(9)),
      ),
    ),
  ({ random }) => frame(Type.priority, 0, random.below(9), random.bytes(5)),
  ({ random }) => frame(Type.goaway, 0, 0, random.bytes(8)),
  // Any frame at all, and no frame.
  ({ random }) => frame(random.below(16), random.below(256), random.below(8), random.bytes(random.size(64))),
  ({ random }) => random.bytes(random.size(64)),
];

function next(state: State): number {
  const { stream, random } = state;
  state.stream = stream + 2;
  return random.chance(0.99) ? stream : random.pick([0, 2, 1, 2 ** 31 - 1]);
}

const MORE: Fields = [
  ['grpc-timeout', '1S'],
  ['grpc-timeout', '1n'],
  ['grpc-timeout', '99999999H'],
  ['grpc-encoding', 'gzip'],
  ['grpc-encoding', 'br'],
  ['te', 'trailers'],
  ['x-request-id', 'fuzz'],
  ['a-bin', '////'],
  ['cookie', 'a=b'],
  ['Upper', 'case'],
  ['connection', 'close'],
  ['content-length', '5'],
  [':path', '/other'],
  ['a', '\0'],
  ['big', 'x'.repeat(20_000)],
];

function fields({ random }: State, path = random.chance(0.95) ? random.pick(PATHS) : '/a'): Fields {
  const plain: Fields = [
    [':method', random.chance(0.98) ? 'POST' : 'GET'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'x'],
    ['content-type', random.chance(0.98) ? 'application/grpc' : 'text/plain'],
  ];
  const all = random.chance(0.7)
    ? plain
    : [...plain, ...random.list(random.size(4), () => random.pick(MORE))];
  return random.chance(0.98) ? all : all.toReversed().slice(random.below(3));
}

/** One call with its message, in one DATA frame or several. */
function wholeCall(state: State): Buffer {
  const { random, models } = state;
  const method = random.pick([...methods.values()]);
  const message = messageFor(method.path, method.types, random.pick(models), random);
  const prefix = Buffer.alloc(5);
  prefix[0] = random.chance(0.97) ? 0 : random.below(3);
  prefix.writeUInt32BE(
    random.chance(0.97) ? message.length : random.pick([0, 1, 2 ** 20 + 1, 2 ** 32 - 1]),
    1,
  );
  const stream = next(state);
  const head = frame(Type.headers, Flag.endHeaders, stream, block(fields(state, method.path)));
  const body = Buffer.concat([prefix, message]);
  const cut = random.chance(0.8) ? body.length : random.below(body.length);
  const end = random.chance(0.95) ? Flag.endStream : 0;
  const parts = [
    dataFrames(body.subarray(0, cut), stream),
    frame(Type.data, end, stream, body.subarray(cut)),
  ];
  return Buffer.concat([head, ...parts]);
}

/** Of 16 KiB, which no peer may refuse. */
const FRAME_BYTES = 16 * 1024;

function dataFrames(bytes: Buffer, stream: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_BYTES)
    parts.push(frame(Type.data, 0, stream, bytes.subarray(at, at + FRAME_BYTES)));
  return Buffer.concat(parts);
}

function inParts(state: State, headers: Buffer): Buffer {
  const { random } = state;
  const stream = next(state);
  const cut = random.below(headers.length + 1);
  const flags = random.pick([Flag.endHeaders, Flag.endHeaders, Flag.endHeaders, 0]);
  return Buffer.concat([
    frame(Type.headers, random.pick([0, Flag.endStream]), stream, headers.subarray(0, cut)),
    frame(Type.continuation, flags, random.chance(0.95) ? stream : 1, headers.subarray(cut)),
  ]);
}

function settingsPayload(random: Random): Buffer {
  const setting = (): Buffer => {
    const bytes = Buffer.alloc(6);
    bytes.writeUInt16BE(random.pick([1, 2, 3, 4, 5, 6, 8, 0xffff]));
    bytes.writeUInt32BE(
      random.pick([0, 1, 100, 4096, 16_384, 65_535, 2 ** 24 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]),
      2,
    );
    return bytes;
  };
  const all = Buffer.concat(random.list(random.size(6), setting));
  return random.chance(0.97) ? all : all.subarray(0, random.below(all.length + 1));
}

export const H2_TOKENS: readonly Buffer[] = [
  PREFACE,
  frame(Type.settings, 0, 0),
  frame(Type.settings, Flag.ack, 0),
  frame(Type.ping, 0, 0, Buffer.alloc(8)),
  frame(Type.reset, 0, 1, word(8)),
  frame(Type.windowUpdate, 0, 0, word(2 ** 31 - 1)),
  Buffer.from([0x82, 0x86, 0x84, 0xbe, 0x40, 0x0f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f]),
];

/** The empty message of a call that asks nothing. */
export const goodFrame = Buffer.alloc(5);

/** A good call, behind whatever was before. */
export function goodCall(stream: number): Buffer {
  const head = block([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', '/inference.GRPCInferenceService/ServerLive'],
    [':authority', 'x'],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ]);
  return Buffer.concat([
    frame(Type.headers, Flag.endHeaders, stream, head),
    frame(Type.data, Flag.endStream, stream, goodFrame),
  ]);
}
