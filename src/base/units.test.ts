import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { barText, parseBytes, parseDuration, sizeText } from './units.ts';

const durations: readonly { text: string; milliseconds: number }[] = [
  { text: '0s', milliseconds: 0 },
  { text: '500ms', milliseconds: 500 },
  { text: '0.5ms', milliseconds: 0.5 },
  { text: '1.5s', milliseconds: 1500 },
  { text: '2m', milliseconds: 120_000 },
  { text: '24h', milliseconds: 86_400_000 },
];

for (const { text, milliseconds } of durations) {
  test(`${text} is ${milliseconds} milliseconds`, () => {
    assert.deepEqual(parseDuration(text), { ok: true, value: milliseconds });
  });
}

for (const text of [
  '',
  '5',
  's',
  '-1s',
  '1 s',
  '1S',
  '1h30m',
  '1.s',
  '.5s',
  '1e3s',
  '1s\n',
  ' 1s',
  '1d',
  '٣s',
]) {
  test(`${JSON.stringify(text).slice(0, 30)} is not a duration, and the answer shows one`, () => {
    const result = parseDuration(text);
    assert.ok(!result.ok && result.error.includes(`'${text}'`) && result.error.includes('500ms'));
  });
}

const sizes: readonly { text: string; bytes: number }[] = [
  { text: '0', bytes: 0 },
  { text: '4096', bytes: 4096 },
  { text: '1k', bytes: 1000 },
  { text: '2M', bytes: 2e6 },
  { text: '1G', bytes: 1e9 },
  { text: '1Ki', bytes: 1024 },
  { text: '64Mi', bytes: 67_108_864 },
  { text: '2Gi', bytes: 2_147_483_648 },
];

for (const { text, bytes } of sizes) {
  test(`${text} is ${bytes} bytes`, () => assert.deepEqual(parseBytes(text), { ok: true, value: bytes }));
}

for (const text of [
  '',
  'Mi',
  '1.5Gi',
  '-1',
  '1 Mi',
  '1mi',
  '1MB',
  '1K',
  '1e6',
  '0x10',
  '1Mi\n',
  '9'.repeat(400),
  '8388608Gi',
  '9007199254740992',
]) {
  test(`${JSON.stringify(text).slice(0, 30)} is not a size, and the answer shows one`, () => {
    const result = parseBytes(text);
    assert.ok(!result.ok && result.error.includes(`'${text}'`) && result.error.includes('64Mi'));
  });
}

test('any text is read or refused, and what is read is a finite number from 0', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,400}(\.\d{1,9})?(ms|s|m|h|k|M|G|Ki|Mi|Gi)?$/));
  fc.assert(
    fc.property(text, input => {
      for (const result of [parseDuration(input), parseBytes(input)]) {
        assert.ok(!result.ok || (Number.isFinite(result.value) && result.value >= 0), input);
      }
    }),
  );
});

test('a size is told in the largest unit that it fills', () => {
  const told = [0, 1, 1023, 1024, 1536, 150 * 1024, 2 ** 40, 2 ** 52].map(sizeText);
  assert.deepEqual(told, ['0 B', '1 B', '1023 B', '1.0 KiB', '1.5 KiB', '150 KiB', '1.0 TiB', '4096 TiB']);
});

test('a bar is as full as what it tells of, and as wide as it is to be', () => {
  assert.deepEqual([barText(0, 4), barText(0.49, 4), barText(1, 4)], ['░░░░', '█░░░', '████']);
  assert.equal(barText(0.5), `${'█'.repeat(10)}${'░'.repeat(10)}`);
});
