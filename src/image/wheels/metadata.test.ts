import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMetadata } from './metadata.ts';
import { spareable } from './spareable.ts';

test('headers are read till the first empty line, and what goes on in the next line too', () => {
  const { name, version, requiresPython, requires } = parseMetadata(
    "Metadata-Version: 2.4\r\nName: Kit\r\nVERSION: 1.0\r\nRequires-Python: >=3.9\r\nRequires-Dist: a>=1\r\nRequires-Dist: b ;\r\n  os_name == 'nt'\r\nRequires-Dist: ???\r\n\r\nRequires-Dist: c\r\n",
  );
  assert.deepEqual(
    [name, version, requiresPython, requires.map(one => one.name)],
    ['Kit', '1.0', '>=3.9', ['a', 'b']],
  );
});

const licences: readonly { headers: readonly string[]; licence: string | undefined }[] = [
  {
    headers: ['License-Expression: BSD-3-Clause AND MIT', 'License: other'],
    licence: 'BSD-3-Clause AND MIT',
  },
  { headers: ['License: MIT'], licence: 'MIT' },
  { headers: ['License: mit'], licence: 'MIT' },
  { headers: ['License: Apache License 2.0'], licence: 'Apache-2.0' },
  { headers: ['License: MIT OR Apache-2.0'], licence: 'MIT OR Apache-2.0' },
  { headers: ['License: BSD'], licence: undefined },
  { headers: ['License: Copyright (c) 2001 by somebody, and what follows is long'], licence: undefined },
  { headers: ['License: BSD', 'Classifier: License :: OSI Approved :: MIT License'], licence: 'MIT' },
  {
    headers: [
      'Classifier: License :: OSI Approved :: MIT License',
      'Classifier: License :: OSI Approved :: ISC License (ISCL)',
    ],
    licence: undefined,
  },
  { headers: ['Classifier: License :: OSI Approved :: BSD License'], licence: undefined },
  { headers: [], licence: undefined },
];

for (const { headers, licence } of licences)
  test(`the licence of '${headers.join(', ')}' is ${licence ?? 'not guessed'}`, () => {
    assert.equal(parseMetadata(`Name: a\n${headers.join('\n')}\n\n`).licence, licence);
  });

test('what a server can most likely do without is named', () => {
  const site = 'opt/venv/lib/python3.11/site-packages';
  assert.equal(spareable(`${site}/sklearn/tests/test_base.py`), 'tests');
  assert.equal(spareable(`${site}/numpy/__init__.pyi`), 'type stubs');
  assert.equal(spareable(`${site}/scipy/linalg/cython_blas.pxd`), 'sources and headers');
  for (const path of [
    `${site}/numpy/testing/__init__.py`,
    `${site}/sklearn/utils/_testing.py`,
    `${site}/x.so`,
    'opt/app/tests/x.py',
  ])
    assert.equal(spareable(path), undefined, path);
});
