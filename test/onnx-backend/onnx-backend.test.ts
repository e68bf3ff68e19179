import assert from 'node:assert/strict';
import test from 'node:test';
import { type BackendCase, backendCases, Unavailable } from './data.ts';
import { examine } from './examine.ts';
import { selection } from './selection.ts';

/** ONNX's backend tests that stand for all of them, or why they cannot be had. */
function cases(): BackendCase[] | Unavailable {
  try {
    return selection(backendCases());
  } catch (error: unknown) {
    if (error instanceof Unavailable) return error;
    throw error;
  }
}

const chosen = cases();
if (chosen instanceof Unavailable) {
  test("ONNX's backend tests", { skip: chosen.message }, () => {});
} else {
  const verdicts = await examine(chosen);
  for (const verdict of verdicts) {
    const { name, outcome } = verdict;
    const title = outcome === 'passed' ? 'answers what ONNX Runtime does, in every form' : `is ${outcome}`;
    test(`${name} ${title}`, () => {
      if (verdict.outcome === 'failed') assert.fail(verdict.reason);
    });
  }

  const passed = verdicts.filter(verdict => verdict.outcome === 'passed');

  test("most of ONNX's backend tests are answered", () => {
    assert(passed.length >= 350, `${passed.length} of ${verdicts.length}`);
  });

  test('what ONNX Runtime was given is what ONNX gave its reference', () => {
    const asReference = passed.filter(verdict => verdict.asReference);
    assert(asReference.length >= 0.9 * passed.length, `${asReference.length} of ${passed.length}`);
  });
}
