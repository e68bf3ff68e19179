import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { anyImage, builtImage, turned } from '../fixtures/built-image.ts';
import { jsonBytes } from '../oci/json.ts';
import { provenanceOf } from './provenance.ts';
import { resolvedOf } from './resolved.ts';

const about = { epoch: 60, tool: { name: 'fairlead', version: '0.1.0' } };
const hex = (digit: string): string => digit.repeat(64);

test('a statement is about one manifest, and says what was asked for, found, and who built it', () => {
  assert.deepEqual(provenanceOf(builtImage({ layers: [] }), about), {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'digits', digest: { sha256: hex('f') } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://fairlead.dev/image/v1',
        externalParameters: {
          platform: 'linux/amd64',
          base: 'docker.io/library/python:3.11-slim',
          node: 'docker.io/library/node:24',
          service: 'digits',
          revision: 'digits-1',
          models: [],
          sourceDateEpoch: 60,
        },
        internalParameters: { tool: { name: 'fairlead', version: '0.1.0' } },
        resolvedDependencies: [
          {
            uri: `pkg:oci/python@sha256:${hex('d')}?arch=amd64&repository_url=docker.io/library/python&tag=3.11-slim`,
            digest: { sha256: hex('d') },
            annotations: { index: `sha256:${hex('c')}` },
          },
          {
            uri: `pkg:oci/node@sha256:${hex('e')}?arch=amd64&repository_url=docker.io/library/node&tag=24`,
            digest: { sha256: hex('e') },
          },
        ],
      },
      runDetails: { builder: { id: 'https://fairlead.dev/image-build', version: { fairlead: '0.1.0' } } },
    },
  });
});

test('wheels, native libraries and models went in; the base had its packages, and the program is who builds', () => {
  assert.deepEqual(
    resolvedOf(builtImage()).slice(2),
    [
      { uri: `pkg:generic/digits@1?checksum=sha256:${hex('2')}`, digest: { sha256: hex('2') } },
      { uri: 'pkg:pypi/numpy@2.1.0', digest: { sha256: hex('1') } },
      { uri: 'pkg:npm/onnxruntime-node@1.30.0' },
    ].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
});

test('models are told by name, version and digest', () => {
  const text = JSON.stringify(provenanceOf(builtImage(), about));
  assert.ok(text.includes(`"models":[{"name":"digits","version":"1","digest":"sha256:${hex('2')}"}]`));
});

test('a base that was asked for by digest alone, and has no Node of another image', () => {
  const { node: _, ...image } = builtImage();
  const { base } = image;
  const name = { registry: 'docker.io', repository: 'library/python', digest: base.digest };
  const text = JSON.stringify(provenanceOf({ ...image, base: { ...base, name } }, about));
  assert.ok(text.includes(`"base":"docker.io/library/python@${base.digest}"`));
  assert.doesNotMatch(text, /"index"|"node"|pkg:oci\/node/);
});

test('the same image has the same provenance, in whatever order its packages were found', () => {
  fc.assert(
    fc.property(anyImage, image => {
      const bytes = jsonBytes(provenanceOf(image, about));
      assert.deepEqual(jsonBytes(provenanceOf(structuredClone(image), about)), bytes);
      assert.deepEqual(jsonBytes(resolvedOf(turned(image))), jsonBytes(resolvedOf(image)));
    }),
  );
});
