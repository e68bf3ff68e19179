import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Checksum } from '../../source.ts';

/** What S3 says of an object, as far as it says something of all its bytes. */
export type Declared = Pick<
  HeadObjectCommandOutput,
  | 'ETag'
  | 'ChecksumSHA256'
  | 'ChecksumCRC32'
  | 'ChecksumType'
  | 'ServerSideEncryption'
  | 'SSECustomerAlgorithm'
  | 'SSEKMSKeyId'
>;

/**
 * Whether it is worth asking: an ETag with a `-` is of an upload in parts, whose checksums are mostly of parts too. What is left
 * has one, or is encrypted, which only the object itself tells.
 */
export function mayDeclare(etag: string | undefined): boolean {
  return etag !== undefined && !etag.includes('-');
}

/**
 * The strongest one that is of the whole object. An ETag is the MD5 of it only where it was put in one piece and is not encrypted
 * with a key of KMS or of its owner.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function declaredChecksum(object: Declared): Checksum | undefined {
  const isWhole = object.ChecksumType !== 'COMPOSITE';
  const sha256 = isWhole ? hexOf(object.ChecksumSHA256, 32) : undefined;
  if (sha256 !== undefined) return { algorithm: 'sha256', hex: sha256 };
  const md5 = isPlain(object) ? /^"?([0-9a-f]{32})"?$/.exec(object.ETag ?? '')?.[1] : undefined;
  if (md5 !== undefined) return { algorithm: 'md5', hex: md5 };
  const crc32 = isWhole ? hexOf(object.ChecksumCRC32, 4) : undefined;
  return crc32 === undefined ? undefined : { algorithm: 'crc32', hex: crc32 };
}

function isPlain({ ServerSideEncryption, SSECustomerAlgorithm, SSEKMSKeyId }: Declared): boolean {
  const isOwn = ServerSideEncryption === undefined || ServerSideEncryption === 'AES256';
  return isOwn && SSECustomerAlgorithm === undefined && SSEKMSKeyId === undefined;
}

/** Undefined for what is no such checksum, as that of parts, which has their number behind it. */
function hexOf(base64: string | undefined, length: number): string | undefined {
  if (base64 === undefined || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length ? bytes.toString('hex') : undefined;
}
