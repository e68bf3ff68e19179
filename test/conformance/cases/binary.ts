/** Tensors as bytes after the JSON. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import type { FixtureName } from '../fixtures.ts';
import type { Request } from '../http.ts';
import type { Peer } from '../peer.ts';
import { binaryInput, floats, framed, int32s, pair, split, strings } from '../tensors.ts';
import type { Json } from '../text.ts';

const HEADER = 'Inference-Header-Content-Length';
const counted = Array.from({ length: 16 }, (_, index) => index);
const [FIRST, SECOND] = pair() as [Json, Json];
const inBytes = int32s(...counted);
const ones = int32s(...counted.map(() => 1));
const sums = int32s(...counted.map(value => value + 1));
const differences = counted.map(value => value - 1);

const both: Json = [binaryInput('INPUT0', 'INT32', [1, 16], 64), binaryInput('INPUT1', 'INT32', [1, 16], 64)];

/** S's request with both inputs in bytes, and what else it says. */
function all(more: Readonly<Record<string, Json>> = {}) {
  return framed({ ...more, inputs: both }, inBytes, ones);
}

/** Sends bytes that must be refused with 400. */
function wrong(
  peer: Peer,
  { model = 'S', body, headers }: { model?: FixtureName; body: Buffer; headers?: Request['headers'] },
  says: RegExp = /./,
): () => Promise<void> {
  return async () => void (await peer.refuse(peer.request(model, body, headers), 400, says, { triton: 500 }));
}

/** One input of S in bytes with a size that it does not have. */
function sized(peer: Peer, size: Json, sent: number, says?: RegExp): () => Promise<void> {
  const inputs = [binaryInput('INPUT0', 'INT32', [1, 16], size), SECOND];
  return wrong(peer, framed({ inputs }, inBytes.subarray(0, sent)), says);
}

/** Strings for B, of a shape they may not have. */
function stringBytes(peer: Peer, bytes: Buffer, shape = [1, 2]): () => Promise<void> {
  const framing = framed({ inputs: [binaryInput('INPUT0', 'BYTES', shape, bytes.length)] }, bytes);
  return wrong(peer, { model: 'B', ...framing });
}

export const binary: readonly Case[] = [
  {
    id: 64,
    title: 'JSON and bytes together, in and out',
    needs: ['S'],
    run: async peer => {
      const inputs = [FIRST, binaryInput('INPUT1', 'INT32', [1, 16], 64)];
      const outputs = [{ name: 'OUTPUT0', parameters: { binary_data: true } }, { name: 'OUTPUT1' }];
      const { body, headers } = framed({ inputs, outputs }, ones);
      const answer = split(await peer.good(peer.request('S', body, headers)));
      assert.notEqual(answer.header, undefined, `there is no ${HEADER}`);
      assert.deepEqual(answer.bytes('OUTPUT0'), sums);
      const second = answer.outputs.find(({ name }) => name === 'OUTPUT1');
      assert.deepEqual(second?.data, differences);
    },
  },
  {
    id: 65,
    title: 'bytes for all outputs, in the order of the outputs',
    needs: ['S'],
    run: async peer => {
      const { body, headers } = all({ parameters: { binary_data_output: true } });
      const answer = split(await peer.good(peer.request('S', body, headers)));
      assert.deepEqual(answer.bytes('OUTPUT0'), sums);
      assert.deepEqual(answer.bytes('OUTPUT1'), int32s(...differences));
    },
  },
  {
    id: 66,
    title: 'one output in JSON where the others come in bytes',
    needs: ['S'],
    run: async peer => {
      const outputs = [{ name: 'OUTPUT0' }, { name: 'OUTPUT1', parameters: { binary_data: false } }];
      const { body, headers } = all({ outputs, parameters: { binary_data_output: true } });
      const answer = split(await peer.good(peer.request('S', body, headers)));
      assert.deepEqual(answer.outputs.find(({ name }) => name === 'OUTPUT1')?.data, differences);
      // Triton takes the request's word for outputs only where it lists none.
      if (!peer.triton) assert.deepEqual(answer.bytes('OUTPUT0'), sums);
    },
  },
  {
    id: 67,
    title: 'nothing but the bytes of the only input',
    needs: ['F'],
    run: async peer => {
      const sent = floats(0, 1, 2, 3, 4, 5, 6, 7);
      const answer = split(await peer.good(peer.request('F', sent, { [HEADER]: '0' })));
      assert.deepEqual(answer.outputs[0]?.shape, [1, 8]);
      assert.deepEqual(answer.bytes('OUTPUT0'), sent);
    },
  },
  {
    id: 68,
    title: 'bytes alone cannot tell three inputs or two free sizes apart',
    needs: ['X3', 'matrix'],
    run: peer => {
      const raw = { body: floats(0, 1, 2, 3), headers: { [HEADER]: '0' } };
      return every({
        'three inputs': wrong(peer, { model: 'X3', ...raw }),
        'two free sizes': wrong(peer, { model: 'matrix', ...raw }),
      });
    },
  },
  {
    id: 69,
    title: 'a header one off the length of the JSON is refused',
    needs: ['S'],
    run: peer => {
      const { body, headers } = all();
      const off = (by: number) =>
        wrong(peer, { body, headers: { [HEADER]: String(Number(headers?.[HEADER]) + by) } });
      return every({ 'one less': off(-1), 'one more': off(1) });
    },
  },
  {
    id: 70,
    title: 'a header that is no length of JSON in the body is refused',
    needs: ['S'],
    run: peer => {
      const { body, headers } = all();
      const length = String(headers?.[HEADER]);
      const values = { abc: 'abc', '-1': '-1', '99999999999': '99999999999', '1e2': '1e2' };
      const parts = Object.entries<string | string[]>({
        ...values,
        'beyond the body': String(body.length + 1),
        // Triton takes one of them.
        ...(!peer.triton && { 'two headers': [length, length] }),
      });
      return every(
        Object.fromEntries(
          parts.map(([name, value]) => [name, wrong(peer, { body, headers: { [HEADER]: value } })]),
        ),
      );
    },
  },
  {
    id: 71,
    title: 'a body one byte short or long is refused',
    needs: ['S'],
    run: peer => {
      const { body, headers } = all();
      return every({
        short: wrong(peer, { body: body.subarray(0, -1), headers }, /additional/),
        long: wrong(peer, { body: Buffer.concat([body, Buffer.alloc(1)]), headers }, /additional/),
      });
    },
  },
  {
    id: 72,
    title: 'fewer bytes than the shape needs are refused',
    needs: ['S'],
    run: peer => sized(peer, 60, 60, /byte size mismatch/)(),
  },
  {
    id: 73,
    title: 'a size that is no count of bytes is refused',
    needs: ['S'],
    run: peer =>
      every({
        '-4': sized(peer, -4, 64),
        '"64"': sized(peer, '64', 64),
        '1.5': sized(peer, 1.5, 64),
        '2^53': sized(peer, 2 ** 53, 64),
      }),
  },
  {
    id: 74,
    title: 'bytes without the header are refused',
    needs: ['S'],
    run: peer => wrong(peer, { body: all().body })(),
  },
  {
    id: 75,
    title: 'strings whose lengths do not fit the bytes or the shape are refused',
    needs: ['B'],
    run: peer => {
      const good = strings('ab', 'c');
      const long = Buffer.from(good);
      long.writeUInt32LE(2, 6);
      return every({
        'a length past the end': stringBytes(peer, long),
        'three bytes after the last': stringBytes(peer, Buffer.concat([good, Buffer.alloc(3)])),
        'one more than the shape': stringBytes(peer, strings('ab', 'c', 'd')),
        'one less than the shape': stringBytes(peer, strings('ab')),
      });
    },
  },
  {
    id: 76,
    title: 'a length of 4 GiB before four bytes is refused, without memory for it',
    needs: ['B'],
    run: async peer => {
      const before = peer.memory();
      await stringBytes(peer, Buffer.from('ffffffff00000000', 'hex'), [1, 1])();
      const after = peer.memory();
      if (before === undefined || after === undefined) return;
      assert(after - before < 64 * 2 ** 20, `memory grew by ${after - before} bytes`);
    },
  },
];
