import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type AppError, failure, messageOf } from '#base';
import type { TlsFiles } from '../../tls/files.ts';

/** Who a server is, read and checked. */
export interface Identity {
  /** What connections are made from. */
  readonly context: SecureContextOptions;
  /** The end of its certificate. */
  readonly expires: Date;
  /** The texts of its files: equal ones are the same identity. */
  readonly texts: readonly string[];
}

/** No certificate has so much, and no device has an end. Bytes. */
const MOST_BYTES = 1024 * 1024;

const ONE_CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [^-]+-----/g;

/**
 * Reads the files that TLS is spoken by. Throws `tls_unusable` for what is missing, unreadable, no PEM, another key's,
 * protected by a passphrase, or not valid at this time. The error holds nothing of the key.
 */
export async function readIdentity(files: TlsFiles, now: Date): Promise<Identity> {
  const { certificate, key, clientAuthority } = files;
  const cert = await textOf(certificate);
  const secret = await textOf(key);
  const authority = clientAuthority === undefined ? undefined : await textOf(clientAuthority);
  const own = certificateOf(certificate, cert);
  if (!own.checkPrivateKey(keyOf(key, secret)))
    throw unusable(key, `it is not the key of the certificate in ${certificate}`);
  checkTime(certificate, own, now);
  if (clientAuthority !== undefined) checkAuthority(clientAuthority, authority ?? '');
  const context: SecureContextOptions = {
    cert,
    key: secret,
    ...(authority !== undefined && { ca: authority }),
    minVersion: 'TLSv1.2',
    // A client that asks for it again and again makes the server do the costly part each time.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  checkContext(certificate, context);
  return { context, expires: new Date(own.validTo), texts: [cert, secret, authority ?? ''] };
}

async function textOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES} bytes`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    throw unusable(path, code === 'ENOENT' ? 'it is not there' : messageOf(error), error);
  }
}

function certificateOf(path: string, text: string): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (error: unknown) {
    throw unusable(path, 'it holds no certificate in PEM', error);
  }
}

/** OpenSSL's own words may quote nothing, but they say little either. */
function keyOf(path: string, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch {
    const isLocked = /\bENCRYPTED\b/.test(text);
    throw unusable(
      path,
      isLocked ? 'its key is protected by a passphrase' : 'it holds no private key in PEM',
    );
  }
}

function checkTime(path: string, { validFrom, validTo }: X509Certificate, now: Date): void {
  if (new Date(validTo) <= now) throw unusable(path, `it expired on ${dateText(validTo)}`);
  if (new Date(validFrom) > now) throw unusable(path, `it is not valid before ${dateText(validFrom)}`);
}

function dateText(date: string): string {
  return new Date(date).toISOString().replace('.000Z', 'Z');
}

/** What is no certificate among authorities would be left out without a word. */
function checkAuthority(path: string, text: string): void {
  const found = text.match(ONE_CERTIFICATE) ?? [];
  if (found.length === 0) throw unusable(path, 'it holds no certificate in PEM');
  for (const one of found) certificateOf(path, one);
}

/** What only shows once all is put together, such as a key that is too short to be safe. */
function checkContext(path: string, context: SecureContextOptions): void {
  try {
    createSecureContext(context);
  } catch (error: unknown) {
    throw unusable(path, messageOf(error), error);
  }
}

function unusable(path: string, problem: string, cause?: unknown): AppError {
  return failure('tls_unusable', { path, problem }, cause);
}
