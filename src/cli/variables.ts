import { readSize } from '#spec';
import { wrong } from './flags.ts';

/** Bytes that a variable says: 50Gi. Undefined where it is not set. Throws `usage_invalid`. */
export function variableSize(name: string, environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment[name];
  if (text === undefined) return undefined;
  const read = readSize(text, Number.MAX_SAFE_INTEGER);
  if (read.ok) return read.value;
  throw wrong(`${name} ${read.error}, not '${text}'`);
}
