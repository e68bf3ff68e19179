import assert from 'node:assert/strict';
import test from 'node:test';
import { predict } from './predict.ts';
import { tfserving } from './tfserving/routes.ts';
import { translators } from './translators.ts';
import { v2 } from './v2/routes.ts';

const predictions = [
  [predict, '/predict'],
  [predict, '/models/m/predict'],
  [tfserving, '/v1/models/m:predict'],
  [tfserving, '/v1/models/m:classify'],
  [tfserving, '/v1/models/m:regress'],
  [v2({ identity: { name: '', version: '' }, repository: {} as never }), '/v2/models/m/infer'],
] as const;

for (const [protocol, path] of predictions) {
  test(`another thread finds the translator of ${path}`, () => {
    const action = protocol.route(path).POST;
    assert(action?.kind === 'predict');
    assert.equal(
      translators.find(({ name }) => name === action.translator.name),
      action.translator,
    );
  });
}

test('no two translators have one name', () => {
  assert.equal(new Set(translators.map(({ name }) => name)).size, translators.length);
});

test('every translator is one of a path', () => {
  const found = new Set(predictions.map(([protocol, path]) => protocol.route(path).POST));
  const named = new Set([...found].map(action => (action?.kind === 'predict' ? action.translator.name : '')));
  assert.deepEqual([...named].toSorted(), translators.map(({ name }) => name).toSorted());
});
