import assert from 'node:assert/strict';
import test from 'node:test';
import { checkLabels, labelFlags } from './version-labels.ts';

const half = { name: 'half', versions: [{ version: '123' }, { version: '124' }] };

/** As `serve` takes the flags. */
function read(flags: readonly string[]): ReturnType<typeof labelFlags> {
  const labels = labelFlags(flags);
  checkLabels({ ...half, labels });
  return labels;
}

test('a label names a version that is served', () => {
  assert.deepEqual(read(['half:stable=123', 'half:canary=124']), [
    { name: 'half', label: 'stable', version: '123' },
    { name: 'half', label: 'canary', version: '124' },
  ]);
});

const wrong: readonly { name: string; flags: readonly string[]; says: RegExp }[] = [
  {
    name: 'without a version',
    flags: ['half:stable'],
    says: /must be MODEL:LABEL=VERSION, not 'half:stable'/,
  },
  { name: 'without a model', flags: ['stable=123'], says: /must be MODEL:LABEL=VERSION/ },
  { name: 'of nothing', flags: [''], says: /must be MODEL:LABEL=VERSION/ },
  { name: 'with a slash', flags: ['half:a/b=123'], says: /--label must be at most 63 letters/ },
  {
    name: 'for a version that is not served',
    flags: ['half:stable=125'],
    says: /label 'stable' of model 'half' is for version 125, which is not served; served are 123, 124/,
  },
  {
    name: 'that is given twice',
    flags: ['half:stable=123', 'half:stable=124'],
    says: /label 'stable' of model 'half' is given twice/,
  },
];
for (const { name, flags, says } of wrong) {
  test(`a label ${name} is refused`, () => {
    assert.throws(() => read(flags), { code: 'usage_invalid', message: says });
  });
}
