/** What a server may say on stderr: a JSON object a line, and none of a fault of its own. */

/** Errors that are the answer to what a client asked, or to too much of it. */
const IN_ORDER = [
  'feature_missing',
  'transfer_coding_unknown',
  'http_version_unknown',
  'overloaded',
  'draining',
  'model_not_ready',
  'deadline_exceeded',
];

/** The first line that should not be there, from an offset on; undefined when there is none. */
export function stderrFault(text: string): string | undefined {
  return text
    .split('\n')
    .filter(line => line !== '')
    .find(line => !isInOrder(line));
}

function isInOrder(line: string): boolean {
  try {
    const { level, code, message } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof level !== 'string' || typeof message !== 'string') return false;
    return level !== 'error' || IN_ORDER.includes(String(code));
  } catch {
    return false;
  }
}
