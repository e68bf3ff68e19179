import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { bundledPackages, licenceText, packageList } from '../scripts/licences.ts';

test('the packages of a bundle are those that some code of it comes from', () => {
  const inputs = {
    'src/cli/main.ts': { bytesInOutput: 9 },
    'node_modules/zod/v4/index.js': { bytesInOutput: 9 },
    'node_modules/zod/v4/core.js': { bytesInOutput: 9 },
    'node_modules/@scope/name/a.js': { bytesInOutput: 9 },
    'node_modules/zod/node_modules/inner/a.js': { bytesInOutput: 9 },
    'node_modules/unused/a.js': { bytesInOutput: 0 },
  };
  assert.deepEqual(bundledPackages({ outputs: { 'dist/main.js': { inputs } } }), [
    'node_modules/@scope/name',
    'node_modules/zod',
    'node_modules/zod/node_modules/inner',
  ]);
});

const packages: readonly { name: string; license?: string; file?: string; told: RegExp; refused?: true }[] = [
  { name: 'sound', license: 'MIT', file: 'LICENSE.md', told: /^sound 1\.0\.0 \(MIT\)\n\nThe words\.$/m },
  { name: 'british', license: 'ISC', file: 'LICENCE', told: /^british 1\.0\.0 \(ISC\)\n\nThe words\.$/m },
  {
    name: 'copyleft',
    license: 'GPL-3.0',
    file: 'LICENSE',
    told: /copyleft has the licence GPL-3\.0/,
    refused: true,
  },
  { name: 'silent', file: 'LICENSE', told: /silent has the licence \(none\)/, refused: true },
  { name: 'bare', license: 'MIT', told: /bare has no licence file/, refused: true },
];

for (const { name, license, file, told, refused } of packages) {
  test(`the licence of a ${name} package is ${refused ? 'refused' : 'passed on'}`, t => {
    const root = mkdtempSync(join(tmpdir(), 'fairlead-licences-'));
    t.after(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'package.json'), JSON.stringify({ name, version: '1.0.0', license }));
    if (file !== undefined) writeFileSync(join(root, name, file), 'The words.\n');
    if (refused) assert.throws(() => licenceText(root, [name]), told);
    else assert.match(licenceText(root, [name]), told);
  });
}

test('a licence may stand in a README, as a whole', t => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-licences-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(
    join(root, 'package.json'),
    JSON.stringify({ name: 'told', version: '1.0.0', license: 'MIT' }),
  );
  writeFileSync(join(root, 'README.md'), '# told\n\nLicense\n-------\n\nMIT, see the repository.\n');
  assert.throws(() => licenceText(root, ['.']), /told has no licence file/);
  writeFileSync(
    join(root, 'README.md'),
    '# told\n\nLicense\n-------\n\nCopyright (c) me\n\nPermission is hereby granted, so.\n',
  );
  assert.match(
    licenceText(root, ['.']),
    /^told 1\.0\.0 \(MIT\)\n\nLicense\n-+\n\nCopyright \(c\) me\n\nPermission is/m,
  );
});

test('a package whose makers left the licence out has that of another one of theirs, if it is the same', t => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-licences-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (name: string, license: string): void => {
    mkdirSync(join(root, 'node_modules', name), { recursive: true });
    const text = JSON.stringify({ name, version: '1.0.0', license });
    writeFileSync(join(root, 'node_modules', name, 'package.json'), text);
  };
  write('@nodable/entities', 'MIT');
  write('fast-xml-parser', 'MIT');
  writeFileSync(join(root, 'node_modules/fast-xml-parser/LICENSE'), 'The words.\n');
  const text = (): string => licenceText(root, ['node_modules/@nodable/entities']);
  assert.match(text(), /^@nodable\/entities 1\.0\.0 \(MIT\)\n\nThe words\.$/m);
  write('fast-xml-parser', 'ISC');
  assert.throws(text, /entities has no licence file/);
});

test('the packages of a bundle are listed by name and version, each once', t => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-licences-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (folder: string, name: string, version: string, license?: string): void => {
    mkdirSync(join(root, folder), { recursive: true });
    const text = JSON.stringify({ name, version, main: 'index.js', ...(license && { license }) });
    writeFileSync(join(root, folder, 'package.json'), text);
  };
  write('node_modules/b', 'b', '1.0.0', 'MIT');
  write('node_modules/a', 'a', '2.0.0');
  write('node_modules/a/node_modules/b', 'b', '1.0.0', 'MIT');
  const folders = ['node_modules/b', 'node_modules/a', 'node_modules/a/node_modules/b'];
  assert.deepEqual(packageList(root, folders), [
    { name: 'a', version: '2.0.0' },
    { name: 'b', version: '1.0.0', license: 'MIT' },
  ]);
});
