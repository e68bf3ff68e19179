import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SourceOptions } from '../../source.ts';

/**
 * The `Authorization` for a host from `NETRC` or `~/.netrc`, where curl, git and Python's requests look as well; undefined where
 * it has none. A file that is not there or cannot be read is none.
 */
export async function netrcAuthorization(
  host: string,
  environment: SourceOptions['environment'],
): Promise<string | undefined> {
  const path = environment['NETRC'] ?? join(environment['HOME'] ?? homedir(), '.netrc');
  const text = await readFile(path, 'utf8').catch(() => '');
  const entry = entriesOf(text).find(({ machine }) => machine === undefined || machine === host);
  if (entry?.password === undefined) return undefined;
  return basic(entry.login ?? '', entry.password);
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

interface Entry {
  /** Undefined for `default`, which is for all that were not named before it. */
  machine?: string;
  login?: string;
  password?: string;
}

function entriesOf(text: string): Entry[] {
  // A macro goes on to the next empty line, and what it holds are no entries.
  const words = text.replaceAll(/^macdef [\s\S]*?(?:\n\n|$(?![\s\S]))/gm, '').replaceAll(/^\s*#.*$/gm, '');
  const tokens = words.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const entries: Entry[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const [word, value = ''] = [tokens[at], tokens[at + 1]];
    if (word === 'default') entries.push({});
    else if (word === 'machine') entries.push({ machine: unquoted(value) });
    else if (word === 'login' || word === 'password')
      Object.assign(entries.at(-1) ?? {}, { [word]: unquoted(value) });
    if (word !== 'default') at++;
  }
  return entries;
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
}
