/**
 * The sentence that says why a process ended, from the last lines of its stderr: plain text first, since that is what a
 * program says when it gives up; otherwise the message of the last log line that is an error; otherwise of any.
 */
export function lastSentence(lines: readonly string[]): string | undefined {
  const spoken = lines.filter(line => line.trim() !== '' && !NOISE.some(pattern => pattern.test(line)));
  const plain = spoken.findLast(line => logged(line) === undefined);
  const thrown = spoken.findLast(line => THROWN.test(line))?.replace(THROWN, '');
  if (thrown !== undefined) return thrown;
  if (plain !== undefined) return plain.trim().replace(/^(?:fairlead|error|uncaught)(?::[ \t]*|[ \t]+)/i, '');
  const logs = spoken.flatMap(line => logged(line) ?? []);
  return (logs.findLast(({ level }) => level === 'error' || level === 'fatal') ?? logs.at(-1))?.message;
}

/** Hints, stack frames and the runtime's signature: about a sentence, but not it. */
const NOISE = [/^\s*hint\b/i, /^\s+at\s/, /^Node\.js v\d/, /^\s*[\^~]+\s*$/, /^\s*[[\]{}(),;]+\s*$/];

/** How an uncaught error begins, or what a program says when it gives up; lines with its fields may follow it. */
const THROWN = /^(?:\w*Error(?: \[\w+\])?|error): /;

function logged(line: string): { readonly level: unknown; readonly message: string } | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  try {
    const { level, message, problem, error } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    const detail = [problem, error].find(one => typeof one === 'string');
    if (typeof message !== 'string') return undefined;
    return { level, message: detail === undefined ? message : `${message}: ${detail}` };
  } catch {
    // Not JSON after all: then it is plain text.
    return undefined;
  }
}
