import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { AppError, systemClock } from '#base';
import { type Policy, readSource } from '#spec';
import type { Wanted } from '../store.ts';
import type { Reference } from '../uri/reference.ts';
import { admissionOf } from './admission.ts';
import { artifactOf, MODEL, signed } from './fixtures/signing.ts';
import type { Rules, Signer } from './rules.ts';

function rules(policy: Omit<Policy, 'signature'> & { signer?: Signer }, name = 'spec.policy'): Rules {
  return {
    name,
    mustBePinned: policy.digest === 'required',
    formats: policy.formats,
    signer: policy.signer,
    sources: policy.sources?.map(written => {
      const place = readSource(written);
      assert.ok(place.ok);
      return { written, place: place.value };
    }),
  };
}

const admission = (...policies: Rules[]) => admissionOf(policies, { clock: systemClock });

const wanted = (change: Partial<Wanted> = {}): Wanted => ({ uri: 's3://b/m', base: '/srv', ...change });
const reference: Reference = { scheme: 's3', bucket: 'b', key: 'm', options: {} };
const files = (...paths: string[]) => paths.map(path => ({ path, size: 1 }));

/** Code and words of what is thrown. */
async function refusal(ask: () => unknown): Promise<readonly [code: string, message: string] | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error: unknown) {
    assert.ok(error instanceof AppError, String(error));
    return [error.code, error.message];
  }
}

test('without a policy all is let in that runs no code, from everywhere', async () => {
  const open = admission();
  assert.equal(open.seesAll, false);
  open.beforeListing(wanted(), reference);
  open.beforeFetching(
    wanted(),
    files('model.onnx', 'weights.bin', 'module.pt', 'arrays.npz', 'weights.h5', 'a.py'),
  );
  await open.beforeHolding(wanted(), artifactOf(MODEL));
});

const ALLOW = 'or set runtime.python.allowUnsafeFormats if you trust whoever made it';

const unsafe: readonly { paths: string[]; says: string }[] = [
  {
    paths: ['model.pkl'],
    says: `model.pkl is a pickle, which runs whatever it says when it is loaded; save it as skops, ubj of XGBoost, or ONNX; ${ALLOW}`,
  },
  ...['a.joblib', 'a.PICKLE', 'a.dill', 'a.cloudpickle', 'a.pkl.gz', 'a.onnx.JOBLIB.lz4'].map(path => ({
    paths: [path],
    says: `${path} is a pickle, which runs whatever it says when it is loaded; save it as skops, ubj of XGBoost, or ONNX; ${ALLOW}`,
  })),
  ...[
    'last.ckpt',
    'pytorch_model.bin',
    'pytorch_model-00001-of-00002.bin',
    'diffusion_pytorch_model.fp16.bin',
    'adapter_model.bin',
    'training_args.bin',
  ].map(path => ({
    paths: [path],
    says: `${path} is a pickle, which runs whatever it says when it is loaded; save it as safetensors or ONNX; ${ALLOW}`,
  })),
  {
    paths: ['config.json', 'model.safetensors', 'old/pytorch_model-00001-of-00002.bin', 'scaler.pkl'],
    says: `old/pytorch_model-00001-of-00002.bin is a pickle, which runs whatever it says when it is loaded; model.safetensors holds no code: leave the others out with exclude: ['pytorch_model*.bin', '*.pkl']; ${ALLOW}`,
  },
];

for (const { paths, says } of unsafe) {
  test(`${paths.join(', ')}: refused before it is fetched, and after it is unpacked, unless it is allowed`, async () => {
    const closed = admission();
    const expected = ['policy_refused', `s3://b/m is not let in: ${says}`];
    assert.deepEqual(await refusal(() => closed.beforeFetching(wanted(), files(...paths))), expected);
    const artifact = artifactOf(Object.fromEntries(paths.map(path => [path, path])));
    assert.deepEqual(await refusal(() => closed.beforeHolding(wanted(), artifact)), expected);
    const allowed = wanted({ allowUnsafeFormats: true });
    closed.beforeFetching(allowed, files(...paths));
    await closed.beforeHolding(allowed, artifact);
  });
}

test('a pickle beside a model on this machine is refused where it would be loaded, and not here', async () => {
  const here = wanted({ uri: './models/m' });
  admission().beforeFetching(here, files('model.onnx', 'scaler.pkl'));
  await admission().beforeHolding(here, artifactOf({ 'model.onnx': 'a', 'scaler.pkl': 'b' }));
});

const refused: readonly { name: string; ask: () => unknown; says: string }[] = [
  {
    name: 'a model from elsewhere',
    ask: () => admission(rules({ sources: ['s3://models', 'file'] })).beforeListing(wanted(), reference),
    says: 's3://b/m is not let in: spec.policy lets in only what comes from s3://models, file; put it there, or add where it is to sources',
  },
  {
    name: 'a model that one of two policies lets in',
    ask: () =>
      admission(rules({ sources: ['s3'] }), rules({ sources: ['file'] }, '/etc/policy.yaml')).beforeListing(
        wanted(),
        reference,
      ),
    says: 's3://b/m is not let in: /etc/policy.yaml lets in only what comes from file; put it there, or add where it is to sources',
  },
  {
    name: 'a model that is not pinned',
    ask: () => admission(rules({ digest: 'required' })).beforeListing(wanted(), reference),
    says: 's3://b/m is not let in: spec.policy wants every model to be pinned, and this has no digest; `fairlead store digest s3://b/m` tells it',
  },
  {
    name: 'a URI with secrets that is not pinned',
    ask: () =>
      admission(rules({ digest: 'required' })).beforeListing(
        wanted({ uri: 'https://u:secret@h/m?sig=secret' }),
        { scheme: 'https', url: 'https://u:secret@h/m?sig=secret' },
      ),
    says: "https://***@h/m?sig=*** is not let in: spec.policy wants every model to be pinned, and this has no digest; `fairlead store digest 'https://***@h/m?sig=***'` tells it",
  },
  {
    name: 'a format that is not named',
    ask: () => admission(rules({ formats: ['onnx', 'skops'] })).beforeFetching(wanted(), files('m.pt')),
    says: 's3://b/m is not let in: m.pt is of torch, and spec.policy lets in only onnx, skops; save it as one of these',
  },
  {
    name: 'a pickle that is allowed, but not among the formats',
    ask: () =>
      admission(rules({ formats: ['onnx'] })).beforeFetching(
        wanted({ allowUnsafeFormats: true }),
        files('m.onnx', 'a/m.joblib', 'pytorch_model.bin'),
      ),
    says: "s3://b/m is not let in: a/m.joblib is of joblib, and spec.policy lets in only onnx; leave what is not m.onnx out with exclude: ['*.joblib', '*.bin']",
  },
  {
    name: 'a SavedModel',
    ask: () => admission(rules({ formats: ['onnx'] })).beforeFetching(wanted(), files('1/saved_model.pb')),
    says: 's3://b/m is not let in: 1/saved_model.pb is of savedmodel, and spec.policy lets in only onnx; save it as one of these',
  },
  {
    name: 'a model of a kind that is not served',
    ask: () => admission(rules({ formats: ['onnx'] })).beforeFetching(wanted(), files('llm.gguf')),
    says: 's3://b/m is not let in: llm.gguf is of a format that is not served, and spec.policy lets in only onnx; save it as one of these',
  },
  {
    name: 'another format on this machine',
    ask: () =>
      admission(rules({ formats: ['onnx'] })).beforeHolding(
        wanted({ uri: './m' }),
        artifactOf({ 'm.onnx': 'a', 'scaler.pkl': 'b' }),
      ),
    says: './m is not let in: scaler.pkl is of joblib, and spec.policy lets in only onnx; name m.onnx itself, or take the others out of its folder',
  },
  {
    name: 'what is no model by its name',
    ask: () => admission(rules({ formats: ['onnx'] })).beforeHolding(wanted(), artifactOf({ weights: 'a' })),
    says: 's3://b/m is not let in: it holds no model that can be told by its name, and spec.policy lets in only onnx; name its file as its format has it, such as model.onnx',
  },
];

for (const { name, ask, says } of refused) {
  test(`not let in: ${name}`, async () => assert.deepEqual(await refusal(ask), ['policy_refused', says]));
}

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signer: Signer = { kind: 'key', keys: [{ path: 'k.pub', key: publicKey }] };

test('what must be signed is let in when it is, and all of this machine is read through for it', async () => {
  const closed = admission(rules({ signer }));
  assert.equal(closed.seesAll, true);
  const good = artifactOf(MODEL, { 'model.sig': signed(MODEL, { privateKey }) });
  await closed.beforeHolding(wanted(), good);
  await closed.beforeHolding(wanted({ uri: './m' }), good);
  assert.deepEqual(await refusal(() => closed.beforeHolding(wanted(), artifactOf(MODEL))), [
    'signature_invalid',
    's3://b/m is not let in: it must be signed, and no signature lies beside it: a model.sig, or a *.sigstore.json',
  ]);
});

test('rules are marked by what they let in, and not by whose they are', () => {
  const one = rules({ digest: 'required', sources: ['s3://b'], signer }, 'a.yaml');
  assert.deepEqual(admission(one).marks, admission({ ...one, name: 'spec.policy' }).marks);
  const others = [
    rules({ sources: ['s3://b'], signer }),
    rules({ digest: 'required', signer }),
    rules({ digest: 'required', sources: ['s3://c'], signer }),
    rules({ digest: 'required', sources: ['s3://b'], signer, formats: ['onnx'] }),
    rules({ digest: 'required', sources: ['s3://b'] }),
  ];
  assert.equal(new Set([one, ...others].flatMap(each => admission(each).marks)).size, 6);
});
