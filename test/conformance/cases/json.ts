/** The body of an infer request as JSON: its form, its members, and what hostile ones do. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import { fixtures } from '../fixtures.ts';
import type { Request } from '../http.ts';
import { type InferText, modelPath, type Peer, read } from '../peer.ts';
import { input, only, pair } from '../tensors.ts';
import { type Json, textOf, verbatim } from '../text.ts';

const nested = (depth: number, inside = '1'): string => '['.repeat(depth) + inside + ']'.repeat(depth);

/** Sends S a body, as text or JSON, that must be refused with 400. */
function wrong(
  peer: Peer,
  body: Json | Buffer,
  says: RegExp = /./,
  triton: readonly number[] = [],
): () => Promise<void> {
  return async () =>
    void (await peer.refuse(peer.request('S', body), 400, says, { triton: [500, ...triton] }));
}

const withParameters = (parameters: Json): Json => ({ inputs: pair(), parameters });

/** A member given twice: which of the two counts, or that it is refused. */
async function whichCounts(peer: Peer, request: Request, second: RegExp): Promise<string> {
  const { status, body } = await peer.send(request);
  if (status >= 400) return 'refused';
  assert.equal(status, 200, body.toString());
  return second.test(body.toString()) ? 'the last' : 'the first';
}

/** Sends every kind of repeated member; the second of each is the one that the pattern finds in the answer. */
function repeats(peer: Peer): Readonly<Record<string, Promise<string>>> {
  const two = '"name":"INPUT0","datatype":"FP32"';
  const f = (members: string): Request => peer.request('F', verbatim(`{"inputs":[{${two},${members}}]}`));
  const inputs = (value: number): string => `"inputs":[${textOf(input('INPUT0', 'FP32', [1, 1], [value]))}]`;
  return {
    id: whichCounts(peer, peer.request('F', verbatim(`{"id":"a","id":"b",${inputs(1)}}`)), /"id":\s*"b"/),
    shape: whichCounts(peer, f('"shape":[1,2],"shape":[2,1],"data":[1,2]'), /"shape":\s*\[2,1\]/),
    data: whichCounts(peer, f('"shape":[1,1],"data":[1],"data":[9]'), /"data":\s*\[9/),
    inputs: whichCounts(peer, peer.request('F', verbatim(`{${inputs(1)},${inputs(9)}}`)), /"data":\s*\[9/),
  };
}

export const json: readonly Case[] = [
  {
    id: 55,
    title: 'fifty levels of nesting are read, and more than a hundred refused, without harm',
    needs: ['F'],
    run: peer => {
      const body = (data: string): Json => only('FP32', [1, 1], verbatim(data));
      const refuse = (text: Json) => async () =>
        void (await peer.refuse(peer.request('F', text), 400, /./, { triton: 500 }));
      return every({
        '50 levels': async () => void (await peer.infer('F', body(nested(50)))),
        '120 levels': refuse(body(nested(120))),
        '500 000 brackets': refuse(verbatim('['.repeat(500_000))),
        '500 000 brackets as data': refuse(verbatim(`{"inputs":[{"data":${'['.repeat(500_000)}`)),
      });
    },
  },
  {
    id: 56,
    title: 'a body that is no JSON object is refused',
    needs: ['S'],
    run: peer =>
      every({
        empty: wrong(peer, verbatim('')),
        '{': wrong(peer, verbatim('{')),
        '[]': wrong(peer, verbatim('[]')),
        '"x"': wrong(peer, verbatim('"x"')),
        null: wrong(peer, null),
        'a byte order mark': wrong(peer, verbatim(`\ufeff${textOf({ inputs: pair() })}`), /./, [200]),
        'text after it': wrong(peer, verbatim(`${textOf({ inputs: pair() })}x`)),
      }),
  },
  {
    id: 57,
    title: 'inputs that are no list, or missing, are refused',
    needs: ['S'],
    run: peer =>
      every({
        '{}': wrong(peer, { inputs: {} }),
        null: wrong(peer, { inputs: null }),
        missing: wrong(peer, {}),
      }),
  },
  {
    id: 58,
    title: 'an id that is no string is refused',
    needs: ['S'],
    run: peer =>
      every({
        '7': wrong(peer, { id: 7, inputs: pair() }),
        null: wrong(peer, { id: null, inputs: pair() }),
      }),
  },
  {
    id: 59,
    title: 'a parameter that is an object is refused, and parameters that are none',
    needs: ['S'],
    run: peer =>
      every({ '{"a":{}}': wrong(peer, withParameters({ a: {} })), '"x"': wrong(peer, withParameters('x')) }),
  },
  {
    id: 60,
    title: 'parameters of every scalar kind are taken',
    needs: ['S'],
    run: async peer => {
      const body = withParameters({ foo: 1, bar: true, baz: 's', q: 1.5 });
      assert.equal((await peer.infer('S', body)).outputs.length, 2);
    },
  },
  {
    id: 61,
    title: 'parameters that begin with triton_ are reserved',
    needs: ['S'],
    run: peer => wrong(peer, withParameters({ triton_x: 1 }), /reserved/)(),
  },
  {
    id: 62,
    title: 'unknown members are ignored',
    needs: ['S'],
    run: async peer => {
      const inputs = pair().map(one => ({ ...one, unknown: { deep: [1] } }));
      const { outputs } = await peer.infer('S', { model_name: 'x', unknown: [{}], inputs });
      assert.equal(outputs.length, 2);
    },
  },
  {
    id: 63,
    title: 'an input has data or binary data, and one of them',
    needs: ['S'],
    run: peer => {
      const says = /Input must set only one/;
      const [first, second] = pair() as [Record<string, Json>, Json];
      const both = { ...first, parameters: { binary_data_size: 64 } };
      const neither = { ...first, data: undefined };
      return every({
        both: wrong(peer, { inputs: [both, second] }, says),
        neither: wrong(peer, { inputs: [neither, second] }, says),
      });
    },
  },
  {
    id: 140,
    title: 'a member given twice is refused, or its last counts: one rule everywhere',
    needs: ['F'],
    run: async peer => {
      const given = Object.entries(repeats(peer));
      const rules = await Promise.all(given.map(async ([name, rule]) => [name, await rule] as const));
      const told = rules.map(([name, rule]) => `${name}: ${rule}`).join(', ');
      const kinds = new Set(rules.map(([, rule]) => rule));
      assert(kinds.size === 1 && (peer.triton || !kinds.has('the first')), told);
      return `the rule here: ${[...kinds].join()}`;
    },
  },
  {
    id: 142,
    title: '__proto__ and constructor are names like others',
    needs: ['S'],
    run: peer => {
      const named = (name: string): Json => ({ inputs: pair().map(one => ({ ...one, name })) });
      const parameter = (name: string) => async () => {
        const parameters = verbatim(`{"${name}":{"polluted":1}}`);
        await peer.refuse(peer.request('S', withParameters(parameters)), 400);
        const scalar = await peer.send(peer.request('S', withParameters(verbatim(`{"${name}":1}`))));
        assert([200, 400].includes(scalar.status), String(scalar.status));
      };
      const model = (name: string) => async () =>
        void (await peer.refuse(
          { method: 'POST', path: `/v2/models/${name}/infer`, body: '{}' },
          [400, 404],
        ));
      return every({
        'input __proto__': wrong(peer, named('__proto__')),
        'input constructor': wrong(peer, named('constructor')),
        'parameter __proto__': parameter('__proto__'),
        'parameter constructor': parameter('constructor'),
        'model __proto__': model('__proto__'),
        'model constructor': model('constructor'),
        afterwards: async () => {
          const { model_name } = read(await peer.good(peer.request('S', { inputs: pair() }))) as InferText;
          assert.equal(model_name, fixtures.S.name);
        },
      });
    },
  },
  {
    id: 143,
    title: 'ten thousand inputs or outputs, or a name of a megabyte, are refused',
    needs: ['S'],
    run: peer => {
      const many = (prefix: string): Json[] =>
        Array.from({ length: 10_000 }, (_, index) => ({ name: `${prefix}${index}` }));
      const [first] = pair() as [Record<string, Json>];
      const inputs = many('INPUT').map(one => ({ ...first, ...(one as Record<string, Json>) }));
      return every({
        inputs: wrong(peer, { inputs }),
        outputs: wrong(peer, { inputs: pair(), outputs: many('OUTPUT') }),
        'a name': async () => {
          const path = `${modelPath('S')}/infer`;
          const [, second] = pair() as [Json, Json];
          const body = textOf({ inputs: [{ ...first, name: 'x'.repeat(1_000_000) }, second] });
          const answer = await peer.refuse({ method: 'POST', path, body }, 400, /./, { triton: 500 });
          assert(peer.triton || answer.body.length < 100_000, 'the error repeats the name');
        },
      });
    },
  },
];
