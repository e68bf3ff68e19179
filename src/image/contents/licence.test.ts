import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { licenceOfMetadata, spdxLicence } from './licence.ts';

const cases: readonly (readonly [string, string | undefined])[] = [
  ['MIT', 'MIT'],
  [' Apache-2.0 ', 'Apache-2.0'],
  ['MIT OR Apache-2.0', 'MIT OR Apache-2.0'],
  ['(MIT  AND (BSD-3-Clause OR ISC))', '(MIT AND (BSD-3-Clause OR ISC))'],
  ['GPL-2.0-only WITH GCC-exception-3.1 AND MIT', 'GPL-2.0-only WITH GCC-exception-3.1 AND MIT'],
  ['Apache License, Version 2.0', 'Apache-2.0'],
  ['The MIT License', 'MIT'],
  ['', undefined],
  ['BSD', undefined],
  ['GPL', undefined],
  ['mit OR apache-2.0', 'MIT OR Apache-2.0'],
  ['MIT or ISC', undefined],
  ['MIT Apache-2.0', undefined],
  ['MIT AND', undefined],
  ['AND MIT', undefined],
  ['(MIT', undefined],
  ['MIT)', undefined],
  ['()', undefined],
  ['MIT WITH Apache-2.0', undefined],
  ['MIT WITH', undefined],
  ['Apache-2.0 OR Commercial', undefined],
  ['SEE LICENSE IN LICENSE.md', undefined],
  ['UNLICENSED', undefined],
  ['constructor', undefined],
  ['MIT/X11', undefined],
  [`${'('.repeat(3000)}MIT`, undefined],
];

for (const [text, licence] of cases)
  test(`a licence is ${licence ?? 'not known'}: ${text.slice(0, 40)}`, () =>
    assert.equal(spdxLicence(text), licence));

const heads: readonly (readonly [string, string, string | undefined])[] = [
  ['an expression', 'License-Expression: MIT AND ISC\nLicense: x', 'MIT AND ISC'],
  ['an identifier', 'License: BSD-3-Clause', 'BSD-3-Clause'],
  ['a classifier', 'Classifier: License :: OSI Approved :: MIT License', 'MIT'],
  [
    'a classifier of the family beside one',
    'Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: ISC License (ISCL)',
    'ISC',
  ],
  ['a classifier that names a family', 'Classifier: License :: OSI Approved :: BSD License', undefined],
  [
    'two classifiers, of which nobody says how they go together',
    'Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved :: ISC License (ISCL)',
    undefined,
  ],
  ['the text of one', 'License: MIT License\n        Copyright (c) 2020\n', undefined],
];

for (const [name, head, licence] of heads)
  test(`a package of Python says its licence: ${name}`, () => assert.equal(licenceOfMetadata(head), licence));

test('any text is an expression that reads as itself, or none', () => {
  const token = fc.constantFrom(
    'MIT',
    'ISC',
    'AND',
    'OR',
    'WITH',
    '(',
    ')',
    'LLVM-exception',
    'x',
    ' ',
    '\n',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(token).map(tokens => tokens.join(' ')),
      ),
      text => {
        const licence = spdxLicence(text);
        if (licence !== undefined) assert.equal(spdxLicence(licence), licence);
      },
    ),
  );
});
