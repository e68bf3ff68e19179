import { err, ok, type Result } from '#base';
import type { AuthOptions } from './auth-schema.ts';
import { readExpiry, readRate } from './bounds.ts';
import type { KeyEntry } from './key-file.ts';
import { checked, milliseconds } from './launch-terms.ts';
import { describeIssue, parseKeys } from './parse.ts';

/** What a file says of credentials, as those who check them take it: times in milliseconds. */
export function accessRules({ predict, admin }: AuthOptions) {
  return { predict: predict && credentialRules(predict), admin: admin && credentialRules(admin) };
}

function credentialRules({ keys, jwt }: NonNullable<AuthOptions['predict']>) {
  if (jwt === undefined) return { keys };
  const { leeway, ...rules } = jwt;
  return { keys, jwt: { ...rules, leewayMs: milliseconds(leeway) } };
}

function keyOf({ name, sha256, expires, rate, concurrent }: KeyEntry) {
  return {
    name,
    sha256,
    expires: expires === undefined ? undefined : checked(expires, readExpiry(expires)),
    rate: rate === undefined ? undefined : checked(rate, readRate(rate)),
    concurrent,
  };
}

/** The keys of a file's text, as those who check them take them; or what is wrong with it, in words. */
export function readKeys(text: string): Result<readonly ReturnType<typeof keyOf>[], readonly string[]> {
  const read = parseKeys(text);
  return read.ok ? ok(read.value.keys.map(keyOf)) : err(read.error.map(describeIssue));
}
