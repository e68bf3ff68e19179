import assert from 'node:assert/strict';
import test from 'node:test';
import type { Checksum } from '../../source.ts';
import { type Declared, declaredChecksum } from './s3-checksums.ts';

const MD5 = '5d41402abc4b2a76b9719d911017c592';
const SHA256 = 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=';
const CRC32 = 'NhCmhg==';

const sha256: Checksum = {
  algorithm: 'sha256',
  hex: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
};
const md5: Checksum = { algorithm: 'md5', hex: MD5 };
const crc32: Checksum = { algorithm: 'crc32', hex: '3610a686' };

const declared: readonly (readonly [name: string, object: Declared, checksum: Checksum | undefined])[] = [
  ['an ETag of one piece', { ETag: `"${MD5}"` }, md5],
  ["an ETag, encrypted with S3's own key", { ETag: `"${MD5}"`, ServerSideEncryption: 'AES256' }, md5],
  ['an ETag, encrypted with KMS', { ETag: `"${MD5}"`, ServerSideEncryption: 'aws:kms' }, undefined],
  [
    'an ETag, encrypted twice with KMS',
    { ETag: `"${MD5}"`, ServerSideEncryption: 'aws:kms:dsse' },
    undefined,
  ],
  [
    'an ETag, encrypted with a key of its owner',
    { ETag: `"${MD5}"`, SSECustomerAlgorithm: 'AES256' },
    undefined,
  ],
  ['an ETag of parts', { ETag: `"${MD5}-2"` }, undefined],
  ['an ETag that is something else', { ETag: '"0x8D"' }, undefined],
  ['nothing', {}, undefined],
  ['SHA-256', { ETag: `"${MD5}"`, ChecksumSHA256: SHA256 }, sha256],
  ['SHA-256 of what is encrypted', { ServerSideEncryption: 'aws:kms', ChecksumSHA256: SHA256 }, sha256],
  ['SHA-256 of parts', { ChecksumSHA256: SHA256, ChecksumType: 'COMPOSITE' }, undefined],
  ['SHA-256 with the number of parts', { ChecksumSHA256: `${SHA256}-3` }, undefined],
  ['SHA-256 that is too short', { ChecksumSHA256: CRC32 }, undefined],
  ['CRC32 of all of parts', { ETag: `"${MD5}-2"`, ChecksumCRC32: CRC32, ChecksumType: 'FULL_OBJECT' }, crc32],
  ['CRC32 of parts', { ETag: `"${MD5}-2"`, ChecksumCRC32: CRC32, ChecksumType: 'COMPOSITE' }, undefined],
  ['CRC32 beside an ETag, which is stronger', { ETag: `"${MD5}"`, ChecksumCRC32: CRC32 }, md5],
];

for (const [name, object, checksum] of declared)
  test(`of ${name} the checksum is ${checksum?.algorithm ?? 'none'}`, () => {
    assert.deepEqual(declaredChecksum(object), checksum);
  });
