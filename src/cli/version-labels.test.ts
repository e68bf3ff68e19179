import assert from 'node:assert/strict';
import test from 'node:test';
import { versionLabels } from './version-labels.ts';

const models = ['123', '124'].map(version => ({ name: 'half', version, path: `half/${version}` }));

test('a label names a version that is served', () => {
  assert.deepEqual(versionLabels(['half:stable=123', 'half:canary=124'], models), [
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
    says: /version 125 of model 'half' is not served; served are half version 123, half version 124/,
  },
  { name: 'for another model', flags: ['third:stable=123'], says: /of model 'third' is not served/ },
  {
    name: 'that is given twice',
    flags: ['half:stable=123', 'half:stable=124'],
    says: /label 'stable' of model 'half' is given twice/,
  },
];
for (const { name, flags, says } of wrong) {
  test(`a label ${name} is refused`, () => {
    assert.throws(() => versionLabels(flags, models), { code: 'usage_invalid', message: says });
  });
}
