import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { errorsPage, generated, metricsPage } from '../scripts/generate-docs.ts';
import { root } from './source.ts';

const REFRESH = 'the code has changed since it was written: run `npm run docs`';

for (const [path, text] of generated()) {
  test(`${path} is what the code says`, () => {
    let written: string | undefined;
    try {
      written = readFileSync(join(root, path), 'utf8');
    } catch {
      // A page that is missing is as stale as one that differs.
    }
    assert.ok(written === text, `${path}: ${REFRESH}`);
  });
}

test('an error is shown with its edges, its message with the names of its facts, and its hint', () => {
  const page = errorsPage({
    port_taken: {
      meaning: 'Another process listens.',
      status: 500,
      exit: 3,
      retry: 'later',
      message: facts => `${(facts as { address: string }).address} is in use`,
      hint: 'choose another',
    },
  });
  assert.match(page, /^\| \[`port_taken`\]\(#port_taken\) \| 500 \| 3 \| later \|$/m);
  assert.match(
    page,
    /^## port_taken\n\nAnother process listens\.\n\n> \{address\} is in use\n\nHint: choose another\.$/m,
  );
});

test('a message of several lines and a list among its facts are shown whole', () => {
  const message = (facts: object): string => {
    const { file, issues } = facts as { file: string; issues: readonly string[] };
    return `${file}:\n${issues.map(issue => `- ${issue}`).join('\n')}`;
  };
  const page = errorsPage({ a: { meaning: 'A.', status: 400, exit: 2, retry: 'never', message } });
  assert.match(page, /^> \{file\}: {2}\n> - \{issues\}\n$/m);
});

test('a metric is shown with its kind, labels and buckets', () => {
  const page = metricsPage({
    a_seconds: { kind: 'histogram', help: 'A.', labels: ['b', 'c'], buckets: [1, 2] },
  });
  assert.match(page, /^## a_seconds\n\nA\.\n\n- kind: histogram\n- labels: `b`, `c`\n- buckets: 1, 2\n$/m);
});
