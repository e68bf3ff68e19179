import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { failure, type Logger, messageOf, type Result, systemClock } from '#base';
import { GatewayOnly, type Guard, openGuard, Refusals } from '#net';
import {
  type AuthOptions,
  accessRules,
  describeIssue,
  type Issue,
  type KeyEntry,
  parseAuth,
  parseKeys,
  readKeys,
} from '#spec';
import { authAt } from './anchored-server.ts';
import { firstLine } from './parent.ts';

/** As the command line gives them. */
export interface AccessFlags {
  /** A file that says what `spec.server.auth` says. */
  readonly auth?: string;
  readonly onlyGateway?: true;
}

/**
 * Who decides who may ask a server for what: its gateway alone, or `--auth`, or `FAIRLEAD_AUTH`, which a launch sets; nobody,
 * where none of them says so. Throws `spec_invalid`, `keys_invalid` or `file_unreadable`.
 */
export async function guardOf(flags: AccessFlags, logger: Logger): Promise<Guard | undefined> {
  if (flags.onlyGateway) return new GatewayOnly(await firstLine());
  const auth = askedAuth(flags);
  if (auth === undefined) return undefined;
  const ports = { clock: systemClock, logger, refusals: new Refusals(), readKeys };
  return openGuard(accessRules(auth), ports);
}

function askedAuth({ auth: file }: AccessFlags): AuthOptions | undefined {
  if (file !== undefined)
    return authAt(read('spec_invalid', file, parseAuth(textOf(file))), dirname(resolve(file)));
  const text = process.env['FAIRLEAD_AUTH'];
  if (text === undefined) return undefined;
  return authAt(read('spec_invalid', 'FAIRLEAD_AUTH', parseAuth(text)), process.cwd());
}

/** The entries of a file of keys. Throws `keys_invalid`. */
export function entriesOf(text: string, file: string): readonly KeyEntry[] {
  return read('keys_invalid', file, parseKeys(text)).keys;
}

function read<T>(
  code: 'spec_invalid' | 'keys_invalid',
  file: string,
  result: Result<T, readonly Issue[]>,
): T {
  if (result.ok) return result.value;
  throw failure(code, { file, issues: result.error.map(describeIssue) });
}

/** Throws `file_unreadable`. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}
