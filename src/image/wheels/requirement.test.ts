import assert from 'node:assert/strict';
import test from 'node:test';
import { parseRequirement } from './requirement.ts';
import { specifiersText } from './specifier.ts';

const cases: readonly {
  text: string;
  name: string;
  extras?: string[];
  versions?: string;
  url?: string;
  hasMarker?: true;
}[] = [
  { text: 'numpy', name: 'numpy' },
  { text: 'Scikit_Learn==1.9.1', name: 'scikit-learn', versions: '==1.9.1' },
  { text: 'a.b--c >= 1 , < 2', name: 'a-b-c', versions: '>=1,<2' },
  {
    text: 'uvicorn[Standard, http_tools]==0.30',
    name: 'uvicorn',
    extras: ['http-tools', 'standard'],
    versions: '==0.30',
  },
  { text: 'joblib (>=1.2.0)', name: 'joblib', versions: '>=1.2.0' },
  { text: "six>=1.5 ; python_version < '3'", name: 'six', versions: '>=1.5', hasMarker: true },
  { text: 'pytest; extra == "test"', name: 'pytest', hasMarker: true },
  {
    text: 'a @ https://h.example/a-1-py3-none-any.whl',
    name: 'a',
    url: 'https://h.example/a-1-py3-none-any.whl',
  },
  {
    text: "a[b] @ file:///a;x.whl ; os_name == 'nt'",
    name: 'a',
    extras: ['b'],
    url: 'file:///a;x.whl',
    hasMarker: true,
  },
];

for (const { text, name, extras = [], versions = '', url, hasMarker = false } of cases)
  test(`what is asked for is read: ${text}`, () => {
    const read = parseRequirement(text);
    assert.ok(read.ok);
    assert.deepEqual(
      [read.value.name, read.value.extras, specifiersText(read.value.specifiers)],
      [name, extras, versions],
    );
    assert.deepEqual([read.value.url, read.value.marker !== undefined], [url, hasMarker]);
  });

const broken: readonly { text: string; problem: RegExp }[] = [
  { text: '', problem: /it names no package/ },
  { text: '==1.0', problem: /it names no package/ },
  { text: 'numpy 1.0', problem: /'1\.0' is no version/ },
  { text: 'numpy=1.0', problem: /'=1\.0' is no version/ },
  { text: 'numpy>=1.0; python == 3', problem: /'python == 3' is no marker/ },
  { text: 'numpy @ ', problem: /is no URL/ },
];

for (const { text, problem } of broken)
  test(`'${text}' asks for nothing, and it is said why`, () => {
    const read = parseRequirement(text);
    assert.ok(!read.ok);
    assert.match(read.error, problem);
  });
