/** Policies are not gone round by a path into the cache, and what they let in stays let in. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { systemClock } from '#base';
import { type Policy, readSource } from '#spec';
import { once, refusal, sha256 } from '../fixtures/asking.ts';
import { storeOver, tryStore } from '../fixtures/try-store.ts';
import { admissionOf } from '../policy/admission.ts';
import type { Rules } from '../policy/rules.ts';
import type { Held, Store } from '../store.ts';

function rulesOf({ digest, formats, sources }: Policy): Rules {
  const placed = sources?.map(written => {
    const place = readSource(written);
    assert.ok(place.ok);
    return { written, place: place.value };
  });
  return { name: 'p.yaml', mustBePinned: digest === 'required', formats, sources: placed };
}

/** What was fetched without a policy, and stores over the same cache that have one. */
async function fetched(
  t: TestContext,
  file: string,
): Promise<{ held: Held; path: string; under: (policy: Policy) => Store }> {
  const { store, source, path } = await tryStore(t);
  source.put(file, 'a model');
  const under = (policy: Policy): Store => {
    const admission = admissionOf([rulesOf(policy)], { clock: systemClock });
    return storeOver(path, source, {}, { admission });
  };
  return { held: await once(store), path, under };
}

const refused: readonly { policy: Policy; file?: string; isPinned: boolean; says: RegExp }[] = [
  { policy: { digest: 'required' }, isPinned: false, says: /has no digest/ },
  { policy: { sources: ['s3://other'] }, isPinned: false, says: /lets in only what comes from s3:\/\/other/ },
  { policy: { sources: ['s3://other'] }, isPinned: true, says: /lets in only what comes from s3:\/\/other/ },
  { policy: { formats: ['skops'] }, isPinned: true, says: /lets in only skops/ },
  { policy: {}, file: 'model.pkl', isPinned: false, says: /is a pickle/ },
];

for (const { policy, file = 'model.onnx', isPinned, says } of refused)
  test(`a path in the cache${isPinned ? ', pinned,' : ''} is refused by ${JSON.stringify(policy)} ${file}`, async t => {
    const { held, under } = await fetched(t, file);
    const digest = isPinned ? held.digest : undefined;
    await refusal(once(under(policy), { uri: held.root, digest }), 'policy_refused', says);
  });

test('a path in the cache is let in from where its URI led there from', async t => {
  const { held, under } = await fetched(t, 'model.onnx');
  await once(under({ sources: ['s3://bucket'] }), { uri: held.root });
});

test('what a policy let in by its URI it lets in by its pinned path, though nothing tells any more where it came from', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('model.onnx', 'a model');
  const admission = admissionOf([rulesOf({ sources: ['s3://bucket'] })], { clock: systemClock });
  const guarded = storeOver(path, source, {}, { admission });
  const { root, digest } = await once(guarded);
  source.put('model.onnx', 'another');
  await once(store);
  assert.equal((await once(guarded, { uri: root })).root, root);
  await rm(join(path, 'v1/uris'), { recursive: true });
  assert.equal((await once(guarded, { uri: root, digest })).root, root);
  await refusal(once(guarded, { uri: root }), 'policy_refused');
});

test('what somebody put beside the cache is no model of it', async t => {
  const { path, under } = await fetched(t, 'model.onnx');
  const planted = join(path, 'v1/planted/model.onnx');
  await mkdir(join(path, 'v1/planted'));
  await writeFile(planted, 'planted');
  const digest = `sha256:${sha256('planted')}`;
  await refusal(once(under({ sources: ['s3://bucket'] }), { uri: planted, digest }), 'policy_refused');
});
