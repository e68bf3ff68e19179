import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { anyPackage } from '../fixtures/built-image.ts';
import type { Package } from '../recipe.ts';
import { imagePurl, purlOf } from './purl.ts';

const debian = { id: 'debian', version: '12' };
const cases: readonly (readonly [Package, string | undefined, typeof debian?])[] = [
  [
    {
      kind: 'deb',
      name: 'libc6',
      version: '2.36-9+deb12u10',
      architecture: 'amd64',
      source: { name: 'glibc', version: '2.36-9+deb12u10' },
    },
    'pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12&upstream=glibc',
  ],
  [
    { kind: 'deb', name: 'zlib1g', version: '1:1.2.13~rc1', source: { name: 'zlib', version: '1:1.2' } },
    'pkg:deb/debian/zlib1g@1:1.2.13~rc1?distro=debian-12&upstream=zlib%401:1.2',
  ],
  [{ kind: 'deb', name: 'a', version: '1' }, 'pkg:deb/arch/a@1?distro=arch', { id: 'arch', version: '' }],
  [
    { kind: 'apk', name: 'musl', version: '1.2.5-r0', architecture: 'x86_64' },
    'pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20',
    { id: 'alpine', version: '3.20' },
  ],
  [{ kind: 'npm', name: '@npmcli/Arborist', version: '8.0.0' }, 'pkg:npm/%40npmcli/arborist@8.0.0'],
  [{ kind: 'pypi', name: 'Typing_extensions', version: '4.12' }, 'pkg:pypi/typing-extensions@4.12'],
  [{ kind: 'generic', name: 'node', version: '24.1.0' }, 'pkg:generic/node@24.1.0'],
  [
    { kind: 'model', name: 'di gits/é', version: "1'(2)", sha256: 'a'.repeat(64) },
    'pkg:generic/di%20gits%2F%C3%A9@1%27%282%29?checksum=sha256:' + 'a'.repeat(64),
  ],
  [{ kind: 'generic', name: 'x', version: '' }, 'pkg:generic/x'],
  [{ kind: 'model', name: 'x', version: '1', sha256: 'ab' }, 'pkg:generic/x@1'],
  [{ kind: 'generic', name: '', version: '1' }, undefined],
  [{ kind: 'npm', name: '/', version: '1' }, undefined],
];

for (const [of, purl, system = debian] of cases)
  test(`${of.kind} '${of.name}' is ${purl ?? 'nothing'}`, () => {
    assert.equal(purlOf(of, system), purl);
  });

test('an image is named by its digest, its platform, and where it can be had', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  assert.equal(imagePurl('Digits', digest, 'linux/arm64'), `pkg:oci/digits@${digest}?arch=arm64`);
  assert.equal(imagePurl('!', digest, 'linux/amd64'), `pkg:oci/image@${digest}?arch=amd64`);
  const name = { registry: 'localhost:5000', repository: 'library/node', tag: '24' };
  assert.equal(
    imagePurl(name, digest, 'linux/amd64'),
    `pkg:oci/node@${digest}?arch=amd64&repository_url=localhost:5000/library/node&tag=24`,
  );
});

test('whatever a package says of itself, its name is made of what a package URL may have', () => {
  fc.assert(
    fc.property(anyPackage, of => {
      const purl = purlOf(of, debian);
      if (purl === undefined) assert.doesNotMatch(of.name, /[\p{L}\p{N}]/u);
      else
        assert.match(
          purl,
          /^pkg:[a-z]+(?:\/(?:[\w.~:-]|%[0-9A-F]{2})+)+(?:@(?:[\w.~:-]|%[0-9A-F]{2})+)?(?:\?[\w.~:%/=&-]+)?$/,
        );
    }),
  );
});
