import assert from 'node:assert/strict';
import test from 'node:test';
import { usualSettings } from '#server';
import { serveOptions } from './serve-options.ts';
import { type ControlFlags, controlOf, type SettingsFlags, sharesOf, usualOf } from './settings-flags.ts';

/** As the command line fills them in. */
const defaults = Object.fromEntries(
  serveOptions
    .filter(option => typeof option.defaultValue === 'string')
    .map(option => [option.attributeName(), option.defaultValue]),
) as unknown as SettingsFlags;

test('the flags that are left out mean the usual settings', () =>
  assert.deepEqual(usualOf(defaults), usualSettings));

const read: readonly { flags: Partial<SettingsFlags>; settings: object }[] = [
  { flags: { requestTime: '5s' }, settings: { deadlineMs: 5000 } },
  { flags: { requestTime: '5s', deadline: '200ms' }, settings: { deadlineMs: 200 } },
  { flags: { maxDelay: '5ms' }, settings: { maxDelayMs: 5 } },
  { flags: { queueRows: '7', queueBytes: '3Gi' }, settings: { queue: { rows: 7, bytes: 3 * 2 ** 30 } } },
  { flags: { priorities: '3' }, settings: { priorities: { levels: 3, usual: 2 } } },
  { flags: { priorities: '3:1' }, settings: { priorities: { levels: 3, usual: 1 } } },
  { flags: { place: 'threads', instances: '2' }, settings: { place: 'threads', instances: 2 } },
  { flags: { provider: 'cuda', threads: '4' }, settings: { provider: 'cuda', threads: 4 } },
];

for (const { flags, settings } of read) {
  test(`${JSON.stringify(flags)} is ${JSON.stringify(settings)}`, () =>
    assert.deepEqual(usualOf({ ...defaults, ...flags }), { ...usualSettings, ...settings }));
}

const refused: readonly { flags: Partial<SettingsFlags>; says: RegExp }[] = [
  { flags: { maxDelay: '5ms', maxRows: '1' }, says: /--max-delay 5ms has no effect with --max-rows 1/ },
  { flags: { place: 'inline', instances: '2' }, says: /--instances 2 has no effect with --place inline/ },
  { flags: { place: 'gpu' }, says: /--place must be auto, inline, threads, not 'gpu'/ },
  { flags: { provider: 'rocm' }, says: /--provider must be cpu, cuda, tensorrt, openvino, coreml/ },
  { flags: { instances: '0' }, says: /--instances must be a whole number from 1 to 256, not '0'/ },
  { flags: { deadline: '0s' }, says: /--deadline must be at least 1ms, not '0s'/ },
  { flags: { queueRows: '0' }, says: /--queue-rows must be a whole number from 1/ },
  { flags: { priorities: '2:3' }, says: /--priorities must be a whole number from 1 to 2, not '3'/ },
  { flags: { priorities: '1:1:1' }, says: /--priorities must be LEVELS or LEVELS:USUAL/ },
];

for (const { flags, says } of refused) {
  test(`${JSON.stringify(flags)} is refused`, () =>
    assert.throws(() => usualOf({ ...defaults, ...flags }), { code: 'usage_invalid', message: says }));
}

test('shares go by the name of a model', () =>
  assert.deepEqual(
    sharesOf(['a=2', 'b-1=3']),
    new Map([
      ['a', 2],
      ['b-1', 3],
    ]),
  ));

for (const [flags, says] of [
  [['a'], /--share must be MODEL=NUMBER, not 'a'/],
  [['a=0'], /--share must be a whole number from 1 to 1000/],
  [['a=1', 'a=2'], /--share says twice/],
] as const) {
  test(`the shares ${flags.join(' ')} are refused`, () =>
    assert.throws(() => sharesOf(flags), { code: 'usage_invalid', message: says }));
}

const controls: readonly { flags: ControlFlags; config: object }[] = [
  { flags: {}, config: { modelControl: false } },
  { flags: { modelControl: true }, config: { modelControl: true } },
  { flags: { poll: '30s' }, config: { modelControl: false, pollMs: 30_000 } },
  { flags: { lazy: true }, config: { modelControl: false, lazy: { memoryBytes: Infinity } } },
  {
    flags: { lazy: true, memory: '300Mi' },
    config: { modelControl: false, lazy: { memoryBytes: 300 * 2 ** 20 } },
  },
];

for (const { flags, config } of controls) {
  test(`${JSON.stringify(flags)} is taken`, () => assert.deepEqual(controlOf(flags), config));
}

for (const [flags, says] of [
  [{ poll: '30s', modelControl: true }, /--poll and --model-control exclude each other/],
  [{ memory: '1Gi' }, /add --lazy/],
  [{ poll: '1ms' }, /--poll must be at least 100ms/],
] as const) {
  test(`${JSON.stringify(flags)} is refused`, () =>
    assert.throws(() => controlOf(flags), { code: 'usage_invalid', message: says }));
}
