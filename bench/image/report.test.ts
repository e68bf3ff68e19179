import assert from 'node:assert/strict';
import test from 'node:test';
import { type Findings, promises, renderReport, type Sample } from './report.ts';

const sample = (tool: Sample['tool'], seconds: number): Sample => ({
  tool,
  name: 'first',
  seconds,
  peakBytes: 2 ** 20,
});

const findings: Findings = {
  samples: [
    sample('fairlead', 2),
    sample('crane append', 4),
    sample('fairlead', 3),
    sample('crane append', 4),
  ],
  added: 20_000_000,
  uploads: [5000, 7000],
  isSame: true,
  isValid: true,
};

test('a round is compared with what took turns with it', () => {
  const text = renderReport(findings, 'the end');
  assert.match(text, /^\| first \| 2\.5 \(2–3\) \| 4 \(4–4\) \| 0\.625 \(0\.5–0\.75\) \| 1 \| 1 \|$/m);
  assert.match(text, /- holds: over the base: 20 MB/);
  assert.match(text, /uploads 7 kB/);
  assert.ok(text.endsWith('the end'));
});

const broken: readonly [string, Partial<Findings>][] = [
  ['more than 70 MB over the base', { added: 70_000_001 }],
  ['a megabyte to upload', { uploads: [1, 1_000_000] }],
  ['two digests', { isSame: false }],
  ['what crane does not take', { isValid: false }],
];

for (const [name, fault] of broken)
  test(`${name} breaks a promise`, () => {
    assert.equal(promises(findings).filter(({ holds }) => !holds).length, 0);
    assert.equal(promises({ ...findings, ...fault }).filter(({ holds }) => !holds).length, 1);
  });
