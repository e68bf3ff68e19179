import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { anyImage, builtImage, turned } from '../fixtures/built-image.ts';
import { jsonBytes } from '../oci/json.ts';
import { sbomOf } from './sbom.ts';
import type { SpdxPackage } from './spdx-package.ts';

const about = { epoch: 0, tool: { name: 'fairlead', version: '0.1.0' } };

interface Sbom {
  readonly documentNamespace: string;
  readonly creationInfo: object;
  readonly packages: readonly SpdxPackage[];
  readonly relationships: readonly {
    readonly spdxElementId: string;
    readonly relationshipType: string;
    readonly relatedSpdxElement: string;
  }[];
}

const sbom = (image = builtImage(), of = about): Sbom => sbomOf(image, of) as Sbom;

function found(name: string, image = builtImage()): SpdxPackage {
  return sbom(image).packages.find(one => one.name === name) ?? assert.fail(`no ${name}`);
}

test('a document is of one manifest, by one release, and as old as its epoch', () => {
  const { documentNamespace, creationInfo } = sbom();
  assert.equal(documentNamespace, `https://fairlead.dev/spdx/fairlead-0.1.0/sha256-${'f'.repeat(64)}`);
  assert.deepEqual(creationInfo, { created: '1970-01-01T00:00:00Z', creators: ['Tool: fairlead-0.1.0'] });
  const later = sbom(builtImage(), { ...about, epoch: 60, tool: { name: 'fairlead', version: '0.2.0' } });
  assert.notEqual(later.documentNamespace, documentNamespace);
});

test('it describes the image, which stands on its base and contains all else', () => {
  const { packages, relationships } = sbom();
  const [root, ...others] = packages.map(({ SPDXID }) => SPDXID);
  const base = found('docker.io/library/python').SPDXID;
  const of = (type: string, from: string): string[] =>
    relationships
      .filter(one => one.relationshipType === type && one.spdxElementId === from)
      .map(({ relatedSpdxElement }) => relatedSpdxElement);
  assert.ok(root !== undefined);
  assert.deepEqual(of('DESCRIBES', 'SPDXRef-DOCUMENT'), [root]);
  assert.deepEqual(of('DESCENDANT_OF', root), [base]);
  assert.deepEqual(of('CONTAINS', root), others);
  // Five that are installed, Python, and the system.
  assert.equal(of('CONTAINS', base).length, 7);
  assert.equal(others.length, 1 + 7 + 6);
});

test('the image and its base are packages with their digests', () => {
  const { SPDXID: _, ...root } = found('digits');
  assert.deepEqual(root, {
    name: 'digits',
    versionInfo: `sha256:${'f'.repeat(64)}`,
    supplier: 'NOASSERTION',
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    checksums: [{ algorithm: 'SHA256', checksumValue: 'f'.repeat(64) }],
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    primaryPackagePurpose: 'CONTAINER',
    externalRefs: [
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:oci/digits@sha256:${'f'.repeat(64)}?arch=amd64`,
      },
    ],
  });
});

test('scanners are told the system, and the names that the National Vulnerability Database has for runtimes', () => {
  const system = found('debian');
  assert.deepEqual([system['versionInfo'], system['primaryPackagePurpose']], ['12', 'OPERATING-SYSTEM']);
  assert.match(JSON.stringify(found('python')), /"cpe:2\.3:a:python:python:3\.11\.9:\*/);
  assert.match(JSON.stringify(found('node')), /"cpe:2\.3:a:nodejs:node\.js:24\.21\.0:\*/);
});

test('wheels and models have the digests of their bytes', () => {
  const digests = sbom().packages.flatMap(({ name, checksums }) =>
    checksums === undefined ? [] : [[name, checksums]],
  );
  const of = (name: string, digit: string): unknown => [
    name,
    [{ algorithm: 'SHA256', checksumValue: digit.repeat(64) }],
  ];
  const [root, ...others] = digests;
  assert.deepEqual(root, of('digits', 'f'));
  assert.deepEqual(others, [of('docker.io/library/python', 'd'), of('digits', '2'), of('numpy', '1')]);
});

const licences: readonly (readonly [string | undefined, string])[] = [
  ['MIT', 'MIT'],
  ['(MIT OR Apache-2.0)', '(MIT OR Apache-2.0)'],
  ['GPL-3.0-or-later WITH GCC-exception-3.1', 'GPL-3.0-or-later WITH GCC-exception-3.1'],
  ['BSD-3-Clause AND LicenseRef-Mine', 'NOASSERTION'],
  ['SEE LICENSE IN x', 'NOASSERTION'],
  ['UNLICENSED', 'NOASSERTION'],
  [undefined, 'NOASSERTION'],
];

for (const [licence, declared] of licences)
  test(`a licence '${licence}' is declared as ${declared}`, () => {
    const image = builtImage({ packages: [{ kind: 'npm', name: 'one', version: '1', licence }] });
    assert.equal(found('one', image)['licenseDeclared'], declared);
  });

test('a package that base and layers have is there once, and of both', () => {
  const [layer] = builtImage().layers;
  assert.ok(layer !== undefined);
  const one = { kind: 'npm', name: 'one', version: '1' } as const;
  const { packages, relationships } = sbom(
    builtImage({ packages: [one, one], layers: [{ ...layer, packages: [one] }] }),
  );
  const [id, ...more] = packages.filter(({ name }) => name === 'one').map(({ SPDXID }) => SPDXID);
  assert.deepEqual(more, []);
  assert.equal(relationships.filter(({ relatedSpdxElement }) => relatedSpdxElement === id).length, 2);
});

test('whatever packages say of themselves, identifiers are sound, unique and all related, in one order', () => {
  fc.assert(
    fc.property(anyImage, image => {
      const { packages, relationships } = sbom(image);
      const ids = packages.map(({ SPDXID }) => SPDXID);
      for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/);
      assert.equal(new Set(ids).size, ids.length);
      for (const { relatedSpdxElement: to } of relationships) assert.ok(ids.includes(to), to);
      const bytes = Buffer.from(jsonBytes(sbom(image)));
      assert.ok(bytes.equals(jsonBytes(sbom(structuredClone(image)))));
      assert.ok(bytes.equals(jsonBytes(sbom(turned(image)))));
      assert.doesNotMatch(bytes.toString(), /\\ud[89a-f]/);
    }),
  );
});
