/** Elements of each datatype, exact to the bit, in JSON and in bytes. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import type { FixtureName } from '../fixtures.ts';
import { type InferText, type Peer, read, skipIf } from '../peer.ts';
import { binaryInput, framed, input, only, pair, split, strings } from '../tensors.ts';
import { type Json, verbatim } from '../text.ts';

const CUT_AT_NUL =
  "ONNX Runtime's Node binding ends strings at a NUL, and the server refuses one rather than cut it; serve such strings through another runtime";
const UTF8_ONLY =
  "ONNX Runtime's Node binding takes UTF-8 only, and the server refuses other bytes rather than change them; serve such strings through another runtime";

/** Sends elements as text and asserts that just these come back. */
async function same(
  peer: Peer,
  model: FixtureName,
  datatype: string,
  elements: readonly Json[],
): Promise<void> {
  const { outputs } = await peer.infer(model, only(datatype, [elements.length], elements));
  assert.deepEqual(outputs[0]?.data, elements);
}

/** Sends one element, as text, that must be refused. */
function wrong(peer: Peer, model: FixtureName, datatype: string, element: Json): () => Promise<void> {
  const body = only(datatype, [1], [element]);
  return async () => void (await peer.refuse(peer.request(model, body), 400, /./, { triton: [200, 500] }));
}

/** F of one row, answered with its elements. */
async function floats(peer: Peer, ...texts: readonly string[]): Promise<readonly unknown[]> {
  const elements = texts.map(verbatim);
  const { outputs } = await peer.infer('F', only('FP32', [1, texts.length], elements));
  return outputs[0]?.data ?? [];
}

const IN_BYTES = [{ name: 'OUTPUT0', parameters: { binary_data: true } }];

export const datatypes: readonly Case[] = [
  {
    id: 40,
    title: 'INT64 is exact',
    needs: ['I64'],
    run: peer => same(peer, 'I64', 'INT64', [9223372036854775807n, -9223372036854775808n, 9007199254740993n]),
  },
  {
    id: 41,
    title: 'UINT64 is exact',
    needs: ['U64'],
    run: peer => same(peer, 'U64', 'UINT64', [18446744073709551615n]),
  },
  {
    id: 42,
    title: 'an integer out of range is refused',
    needs: ['I64', 'U8', 'I8'],
    run: peer =>
      every({
        'INT64 9223372036854775808': wrong(peer, 'I64', 'INT64', 9223372036854775808n),
        'UINT8 256': wrong(peer, 'U8', 'UINT8', 256),
        'UINT8 -1': wrong(peer, 'U8', 'UINT8', -1),
        'INT8 128': wrong(peer, 'I8', 'INT8', 128),
      }),
  },
  {
    id: 43,
    title: 'what is no integer is refused for INT32',
    needs: ['S'],
    run: peer => {
      const [first, second] = pair() as [Record<string, Json>, Json];
      const elements = (one: Json): Json => Array.from({ length: 16 }, (_, index) => (index === 3 ? one : 1));
      const not = (one: Json) => async () =>
        void (await peer.refuse(
          peer.request('S', { inputs: [{ ...first, data: elements(one) }, second] }),
          400,
          /./,
          { triton: 500 },
        ));
      return every({
        '1.5': not(1.5),
        '"1"': not('1'),
        true: not(true),
        null: not(null),
        '{}': not({}),
      });
    },
  },
  {
    id: 44,
    title: 'BOOL is true and false, and nothing else',
    needs: ['BOOL'],
    run: peer =>
      every({
        'true, false': () => same(peer, 'BOOL', 'BOOL', [true, false]),
        '1': wrong(peer, 'BOOL', 'BOOL', 1),
        '"true"': wrong(peer, 'BOOL', 'BOOL', 'true'),
      }),
  },
  {
    id: 45,
    title: 'FP32 rounds an integer to the nearest float',
    needs: ['F'],
    run: async peer => assert.deepEqual(await floats(peer, '1435774380'), [1435774336]),
  },
  {
    id: 46,
    title: 'FP32 beyond its range is Infinity or refused, one rule for both 1e39 and 1e400',
    needs: ['F'],
    run: async peer => {
      const answers = await Promise.all(
        ['1e39', '1e400'].map(text => peer.send(peer.request('F', only('FP32', [1, 1], [verbatim(text)])))),
      );
      const rules = answers.map(answer => {
        if (answer.status !== 200) return String(answer.status);
        return String((read(answer) as InferText).outputs[0]?.data?.[0]);
      });
      const allowed = ['400,400', 'Infinity,Infinity', ...(peer.triton ? ['Infinity,500'] : [])];
      assert(allowed.includes(rules.join()), `the rules are ${rules.join()}`);
      return `the rule here: ${rules[0]}`;
    },
  },
  {
    id: 47,
    title: 'NaN and the infinities go through',
    needs: ['F'],
    run: async peer => {
      const back = await floats(peer, 'NaN', 'Infinity', '-Infinity');
      assert.deepEqual(back, [Number.NaN, Infinity, -Infinity]);
    },
  },
  {
    id: 48,
    title: 'the sign of -0.0 is kept',
    needs: ['F'],
    run: async peer => {
      const body = { inputs: [input('INPUT0', 'FP32', [1, 1], [verbatim('-0.0')])], outputs: IN_BYTES };
      const { bytes } = split(await peer.good(peer.request('F', body)));
      assert.equal(bytes('OUTPUT0').toString('hex'), '00000080');
    },
  },
  {
    id: 49,
    title: 'FP64 is exact to the bit',
    needs: ['FP64'],
    run: peer => same(peer, 'FP64', 'FP64', [0.1, 5e-324, Number.MAX_VALUE]),
  },
  {
    id: 50,
    title: 'FP16 has no form in JSON',
    needs: ['H'],
    run: async peer =>
      void (await peer.refuse(peer.request('H', only('FP16', [1, 2], [1, -2])), 400, /FP16/)),
  },
  {
    id: 51,
    title: 'FP16 goes through in bytes',
    needs: ['H'],
    run: async peer => {
      const inputs = [binaryInput('INPUT0', 'FP16', [1, 2], 4)];
      const { body, headers } = framed({ inputs, outputs: IN_BYTES }, Buffer.from('003c00c0', 'hex'));
      const { bytes } = split(await peer.good(peer.request('H', body, headers)));
      assert.equal(bytes('OUTPUT0').toString('hex'), '003c00c0');
    },
  },
  {
    id: 52,
    title: 'strings go through, empty ones and those with a NUL too',
    needs: ['B'],
    run: peer =>
      every({
        'empty, é and 😀': () => sameStrings(peer, ['', 'é', '😀']),
        NUL: () => sameStrings(peer, ['', 'a\u0000b', 'é', '😀']),
      }),
  },
  {
    id: 53,
    title: 'BYTES are any bytes',
    needs: ['B'],
    run: async peer => {
      const sent = strings(Buffer.from('fffe', 'hex'));
      const answer = await peer.send(bytesRequest(peer, sent, { outputs: IN_BYTES }));
      if (peer.own) skipIf(answer, /UTF-8/, UTF8_ONLY);
      assert.equal(answer.status, 200, answer.body.toString());
      assert.deepEqual(split(answer).bytes('OUTPUT0'), sent);
    },
  },
  {
    id: 54,
    title: 'bytes that are no UTF-8 never come as JSON',
    needs: ['B'],
    run: async peer => {
      const answer = await peer.send(bytesRequest(peer, strings(Buffer.from('fffe', 'hex')), {}));
      if (answer.status >= 400 && answer.status !== 404) return;
      assert.equal(answer.status, 200);
      if (peer.triton) return;
      new TextDecoder('utf-8', { fatal: true }).decode(answer.body);
      assert.deepEqual(split(answer).outputs[0]?.data?.length, 1);
    },
  },
];

async function sameStrings(peer: Peer, texts: readonly string[]): Promise<void> {
  const answer = await peer.send(peer.request('B', only('BYTES', [1, texts.length], texts)));
  if (peer.own && texts.some(text => text.includes('\0'))) skipIf(answer, /NUL/, CUT_AT_NUL);
  assert.equal(answer.status, 200, answer.body.toString());
  assert.deepEqual((read(answer) as InferText).outputs[0]?.data, texts);
}

function bytesRequest(peer: Peer, sent: Buffer, more: Record<string, Json>) {
  const inputs = [binaryInput('INPUT0', 'BYTES', [1, 1], sent.length)];
  const { body, headers } = framed({ inputs, ...more }, sent);
  return peer.request('B', body, headers);
}
