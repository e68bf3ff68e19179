import assert from 'node:assert/strict';
import test from 'node:test';
import { readVersions, type Versions, versionsText } from './versions.ts';

const read: readonly { text: string; versions: Versions }[] = [
  { text: 'all', versions: { all: {} } },
  { text: 'latest:2', versions: { latest: 2 } },
  { text: '1', versions: { specific: ['1'] } },
  { text: '1,3', versions: { specific: ['1', '3'] } },
];

for (const { text, versions } of read) {
  test(`${text} is ${JSON.stringify(versions)}, and back`, () => {
    assert.deepEqual(readVersions(text), { ok: true, value: versions });
    assert.equal(versionsText(versions), text);
  });
}

const refused: readonly { text: string; says: RegExp }[] = [
  { text: '', says: /must be latest:N, all, or versions with commas/ },
  { text: '1,,2', says: /must be latest:N, all/ },
  { text: 'latest:', says: /must be latest:N, all/ },
  { text: 'latest:0', says: /must be latest:1 to latest:1000/ },
  { text: 'latest:1001', says: /must be latest:1 to latest:1000/ },
  { text: '1,2,1', says: /names version 1 twice/ },
  { text: '../1', says: /must be latest:N, all/ },
];

for (const { text, says } of refused) {
  test(`'${text}' is no choice of versions`, () => {
    const result = readVersions(text);
    assert.match(result.ok ? '' : result.error, says);
  });
}

test('spaces around versions are no part of them', () =>
  assert.deepEqual(readVersions('1, 3'), { ok: true, value: { specific: ['1', '3'] } }));
