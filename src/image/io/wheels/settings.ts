import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { failure, messageOf } from '#base';
import type { IndexOptions } from '../../wheels/lock-options.ts';
import { type PipSettings, pipConfFiles, pipSettings, readPipConf } from '../../wheels/pip-settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings extends PipSettings {
  /** What is in the file of authorities. */
  readonly pem: string | undefined;
}

/** Where packages are looked for: as the lock says, the environment, and pip's own files. */
export async function settingsFor(lock: IndexOptions, environment: Environment): Promise<Settings> {
  const paths = pipConfFiles(environment, environment['HOME'] ?? homedir());
  // One that is not there, or may not be read, says nothing.
  const texts = await Promise.all(paths.map(path => readFile(path, 'utf8').catch(() => '')));
  const settings = pipSettings(lock, environment, texts.map(readPipConf));
  return { ...settings, pem: await pemOf(settings.authorities) };
}

async function pemOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}
