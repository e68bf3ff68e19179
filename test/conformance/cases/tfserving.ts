/** TensorFlow Serving's REST interface. Its words are matched, since clients know them. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import { type FixtureName, fixtures } from '../fixtures.ts';
import { type Peer, read } from '../peer.ts';
import { type Json, verbatim } from '../text.ts';

const path = (model: FixtureName, rest = ''): string => `/v1/models/${fixtures[model].name}${rest}`;
const P = path('P');

async function predict(peer: Peer, body: Json, to = `${P}:predict`): Promise<unknown> {
  const answer = await peer.post(to, body);
  assert.equal(answer.status, 200, `${to} is ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  return read(answer);
}

/** Asserts what a body is answered with. */
function answers(peer: Peer, body: Json, expected: unknown, to?: string): () => Promise<void> {
  return async () => assert.deepEqual(await predict(peer, body, to), expected);
}

/** Asserts that a body is refused with 400, in these words. */
function wrong(peer: Peer, body: Json, says: RegExp = /./, to = `${P}:predict`): () => Promise<void> {
  return async () => peer.refused(await peer.post(to, body), 400, { says });
}

const instances = (value: Json): Json => ({ instances: value });
const row = Array.from({ length: 16 }, (_, index) => index);
const ones = row.map(() => 1);
const status = (version: string, state = 'AVAILABLE') => ({
  version,
  state,
  status: { error_code: 'OK', error_message: '' },
});

interface Status {
  readonly model_version_status: readonly unknown[];
}

async function versions(peer: Peer, rest = ''): Promise<readonly unknown[]> {
  return (read(await peer.good({ path: P + rest })) as Status).model_version_status;
}

const S_PREDICT = `${path('S')}:predict`;
const LABELLED = path('labelled');

export const tfserving: readonly Case[] = [
  {
    id: 117,
    title: 'the status of all versions, of one, and of a label',
    needs: ['tfserving', 'P'],
    run: peer =>
      every({
        all: async () => {
          const found = await versions(peer);
          const order = found.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
          assert.deepEqual(order, [status('123'), status('124')]);
        },
        version: async () => assert.deepEqual(await versions(peer, '/versions/123'), [status('123')]),
        label: async () => assert.deepEqual(await versions(peer, '/labels/stable'), [status('123')]),
      }),
  },
  {
    id: 118,
    title: 'the metadata holds a signature as TensorFlow writes it',
    needs: ['tfserving', 'P'],
    run: async peer => assertMetadata(read(await peer.good({ path: `${P}/metadata` })) as Metadata),
  },
  {
    id: 119,
    title: 'instances are answered with predictions',
    needs: ['tfserving', 'P'],
    run: peer => answers(peer, instances([1, 2, 5]), { predictions: [2.5, 3, 4.5] })(),
  },
  {
    id: 120,
    title: 'inputs are answered with outputs, bare and by name',
    needs: ['tfserving', 'P'],
    run: peer =>
      every({
        bare: answers(peer, { inputs: [3, 4] }, { outputs: [3.5, 4] }),
        named: answers(peer, { inputs: { x: [3, 4] } }, { outputs: [3.5, 4] }),
      }),
  },
  {
    id: 121,
    title: 'instances of two inputs are objects, and so are predictions of two outputs',
    needs: ['tfserving', 'S'],
    run: async peer => {
      const sums = row.map(value => value + 1);
      const differences = row.map(value => value - 1);
      const body = instances([{ INPUT0: row, INPUT1: ones }]);
      assert.deepEqual(await predict(peer, body, S_PREDICT), {
        predictions: [{ OUTPUT0: sums, OUTPUT1: differences }],
      });
    },
  },
  {
    id: 122,
    title: 'a version or a label may be asked; an unknown label is refused',
    needs: ['tfserving', 'P'],
    run: peer => {
      const body = instances([1]);
      const expected = { predictions: [2.5] };
      return every({
        version: answers(peer, body, expected, `${P}/versions/123:predict`),
        label: answers(peer, body, expected, `${P}/labels/stable:predict`),
        'unknown label': wrong(peer, body, /Unrecognized servable version label/, `${P}/labels/nope:predict`),
      });
    },
  },
  {
    id: 123,
    title: 'instances and inputs both, neither, or none at all are refused',
    needs: ['tfserving', 'P'],
    run: peer =>
      every({
        both: wrong(peer, { instances: [1], inputs: [1] }, /only one of/),
        neither: wrong(peer, {}, /Missing 'inputs' or 'instances' key/),
        empty: wrong(peer, instances([]), /No values/),
        object: wrong(peer, instances({}), /list\/array/),
      }),
  },
  {
    id: 124,
    title: 'a signature that is no string, or unknown, is refused',
    needs: ['tfserving', 'P'],
    run: peer =>
      every({
        number: wrong(peer, { signature_name: 5, instances: [1] }, /must be a string value/),
        unknown: wrong(peer, { signature_name: 'nope', instances: [1] }, /not found in signature def/),
      }),
  },
  {
    id: 125,
    title: 'rows that do not agree in shape, and strings for floats, are refused',
    needs: ['tfserving', 'P'],
    run: peer => {
      const rows = (text: string, says: RegExp) => wrong(peer, instances(verbatim(text)), says);
      return every({
        'a longer row': rows('[[1,2],[3,4],[5,6,7]]', /Expecting tensor size/),
        'a deeper row': rows('[[1,2],[[5,6]]]', /Expecting shape/),
        'a list among numbers': rows('[1,[1]]', /Expecting shape/),
        'a string': rows('["x"]', /not of expected type: float/),
      });
    },
  },
  {
    id: 126,
    title: 'rows that are objects have just the keys of the inputs',
    needs: ['tfserving', 'S'],
    run: peer => {
      const good = { INPUT0: row, INPUT1: ones };
      const rows = (list: Json, says: RegExp) => wrong(peer, instances(list), says, S_PREDICT);
      return every({
        'a key missing': rows([{ INPUT0: row }], /keys must be equal to/),
        'a key too many': rows([{ ...good, ZZZ: 1 }], /does not have named input/),
        'a list after an object': rows([good, row], /but got/),
      });
    },
  },
  {
    id: 127,
    title: 'columns must hold every input and may hold more',
    needs: ['tfserving', 'S'],
    run: peer =>
      every({
        missing: wrong(peer, { inputs: { INPUT0: [row] } }, /Missing named input/, S_PREDICT),
        more: async () =>
          void (await predict(peer, { inputs: { INPUT0: [row], INPUT1: [ones], ZZZ: 1 } }, S_PREDICT)),
      }),
  },
  {
    id: 128,
    title: 'strings may come in base64, and nothing else may',
    needs: ['tfserving', 'B', 'P'],
    run: peer => {
      const B = `${path('B')}:predict`;
      const b64 = (text: Json): Json => instances([[{ b64: text }]]);
      return every({
        valid: answers(peer, b64('YWI='), { predictions: [['ab']] }, B),
        'no base64': wrong(peer, b64('@@'), /base64/, B),
        'a number': wrong(peer, b64(5), /./, B),
        'for a float': wrong(peer, instances([{ b64: 'YWI=' }])),
      });
    },
  },
  {
    id: 129,
    title: 'NaN and Infinity go through as tokens',
    needs: ['tfserving', 'P'],
    run: async peer => {
      const sent = instances(verbatim('[NaN,Infinity,-Infinity]'));
      const { predictions } = (await predict(peer, sent)) as { predictions: unknown };
      assert.deepEqual(predictions, [Number.NaN, Infinity, -Infinity]);
    },
  },
  {
    id: 130,
    title: 'unknown models and versions are 404',
    needs: ['tfserving', 'P'],
    run: peer => {
      const unknown = (to: string) => async () =>
        peer.refused(await peer.post(to, instances([1])), 404, { says: /Servable not found for request/ });
      return every({
        model: unknown('/v1/models/nope:predict'),
        version: unknown(`${P}/versions/50:predict`),
      });
    },
  },
  {
    id: 131,
    title: 'other methods and paths are malformed requests',
    needs: ['tfserving', 'P'],
    run: peer => {
      const malformed = (method: string, to: string) => async () =>
        void (await peer.refuse({ method, path: to, body: '{}' }, 400, /Malformed request/));
      return every({
        'GET predict': malformed('GET', `${P}:predict`),
        'POST models': malformed('POST', '/v1/models'),
        'a wrong path': malformed('POST', `${P}/version/1:predict`),
        PUT: malformed('PUT', `${P}:predict`),
      });
    },
  },
  {
    id: 132,
    title: 'regression and classification of examples',
    needs: ['tfserving', 'P', 'labelled'],
    run: peer => {
      const regress = `${P}:regress`;
      const scores = [{ INPUT0: [1, 5, 10, 4] }];
      const classes = [
        ['ant', 1],
        ['bee', 5],
        ['cat', 10],
        ['dog', 4],
      ];
      return every({
        regress: answers(peer, { examples: [{ x: 1 }, { x: 2 }] }, { results: [2.5, 3] }, regress),
        classify: answers(peer, { examples: scores }, { results: [classes] }, `${LABELLED}:classify`),
        'no example': wrong(peer, { examples: [] }, /./, regress),
        'no examples': wrong(peer, {}, /./, regress),
      });
    },
  },
];

interface Metadata {
  readonly model_spec: unknown;
  readonly metadata: {
    readonly signature_def: {
      readonly signature_def: { readonly serving_default: Readonly<Record<string, unknown>> };
    };
  };
}

function assertMetadata({ model_spec, metadata }: Metadata): void {
  assert.deepEqual(model_spec, { name: fixtures.P.name, signature_name: '', version: '124' });
  const { inputs, outputs, method_name } = metadata.signature_def.signature_def.serving_default;
  assert.equal(method_name, 'tensorflow/serving/predict');
  const tensors = [...Object.entries(inputs as object), ...Object.entries(outputs as object)];
  assert.deepEqual(
    tensors.map(([name]) => name),
    ['x', 'y'],
  );
  for (const [, info] of tensors) {
    const { dtype, tensor_shape } = info as { dtype: unknown; tensor_shape: Record<string, unknown> };
    assert.equal(dtype, 'DT_FLOAT');
    // Declared without a rank, or as a vector where the server wants one.
    if (tensor_shape['unknown_rank'] === true) assert.deepEqual(tensor_shape['dim'], []);
    else assert.deepEqual(tensor_shape, { dim: [{ size: '-1', name: '' }], unknown_rank: false });
  }
}
