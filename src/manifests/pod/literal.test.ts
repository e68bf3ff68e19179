import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { literal } from './literal.ts';

/** As Kubernetes reads a text: k8s.io/kubernetes/third_party/forked/golang/expansion. */
function expanded(text: string, known: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\$|\(([^)]*)\))/g, (written, name: string | undefined) =>
    written === '$$' ? '$' : (known[name ?? ''] ?? written),
  );
}

test('whatever a text holds, it arrives as it stands', () => {
  const pieces = fc.constantFrom('$', '$$', '$(', '$(A)', '(', ')', 'A', ' ', '{', 'é');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), parts => {
      const text = parts.join('');
      assert.equal(expanded(literal(text), { A: 'replaced', '': 'replaced' }), text);
    }),
  );
});

test('a text that Kubernetes would leave alone is not changed', () => {
  for (const text of ['$A', 'a$', '50%', '${A}', '{"a":1}']) assert.equal(literal(text), text);
});
