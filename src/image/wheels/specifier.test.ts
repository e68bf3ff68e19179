import assert from 'node:assert/strict';
import test from 'node:test';
import { admits, parseSpecifiers, specifiersText } from './specifier.ts';

/** What each admits and does not, as `packaging` 26.3 answers it, where pre-releases are asked for. */
const cases: readonly { text: string; yes: readonly string[]; no: readonly string[] }[] = [
  { text: '', yes: ['1.0', '0.dev0'], no: [] },
  { text: '==1.0', yes: ['1', '1.0.0', '1.0+local'], no: ['1.0.1', '1.0.post1', '1.0a1'] },
  { text: '==1.0+local', yes: ['1.0+LOCAL'], no: ['1.0', '1.0+other'] },
  { text: '!=1.0', yes: ['1.1', '1.0rc1'], no: ['1.0', '1.0+local'] },
  { text: '==1.4.*', yes: ['1.4', '1.4.9', '1.4rc1', '1.4.post1', '1.4+x'], no: ['1.40', '1.5', '1!1.4'] },
  { text: '!=1.4.*', yes: ['1.40', '1.5'], no: ['1.4', '1.4.9', '1.4.dev1'] },
  { text: '>=1.2,<2', yes: ['1.2', '1.9.9', '1.2+x'], no: ['1.1', '1.2rc1', '2', '2.0rc1', '2.0.dev1'] },
  { text: '<=1.2', yes: ['1.2', '1.2+x', '1.2rc1'], no: ['1.2.post1'] },
  { text: '<2.0rc2', yes: ['2.0rc1', '2.0a1'], no: ['2.0rc2', '2.0'] },
  { text: '<1.0.post1', yes: ['1.0b10', '1.0'], no: ['1.0.post1', '1.0.post1.dev0'] },
  { text: '<0.1', yes: ['0.0.9'], no: ['0.1b0.post0', '0.1.dev0'] },
  { text: '>1.7', yes: ['1.7.1', '1.8rc1'], no: ['1.7', '1.7.post1', '1.7+x', '1.7.0.post2'] },
  { text: '>1.7.post1', yes: ['1.7.post2'], no: ['1.7.post1', '1.7.post1+x'] },
  { text: '~=2.2', yes: ['2.2', '2.9'], no: ['2.1', '3.0', '2.2rc1'] },
  { text: '~=1.4.5', yes: ['1.4.5', '1.4.9', '1.4.5.post3'], no: ['1.5', '1.4.4'] },
  { text: '~=2.2.post3', yes: ['2.2.post3', '2.3'], no: ['2.2.post2', '3.0'] },
  { text: '===1.0-X', yes: ['1.0-x'], no: ['1.0', '1.0.0'] },
  { text: ' >= 1.0 , != 1.3 ', yes: ['1.2'], no: ['1.3', '0.9'] },
];

for (const { text, yes, no } of cases)
  test(`'${text}' admits ${yes.join(', ')}, and not ${no.join(', ') || 'nothing'}`, () => {
    const specifiers = parseSpecifiers(text);
    assert.ok(specifiers !== undefined);
    assert.deepEqual(
      yes.filter(version => !admits(specifiers, version)),
      [],
    );
    assert.deepEqual(
      no.filter(version => admits(specifiers, version)),
      [],
    );
  });

for (const text of [
  '1.0',
  '=1.0',
  '=>1',
  '>=',
  '~=1',
  '>=1.0.*',
  '<1.0+x',
  '==1.0rc1.*',
  '==1.0.*.1',
  '>=x',
  '==*',
])
  test(`'${text}' is no condition on a version`, () => assert.equal(parseSpecifiers(text), undefined));

test('conditions are shown as they were written, without spaces', () => {
  assert.equal(specifiersText(parseSpecifiers(' >= 1.0, != 1.3.*') ?? []), '>=1.0,!=1.3.*');
});
