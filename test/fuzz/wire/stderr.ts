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

/** The fields of a line. */
export type Line = Readonly<Record<string, unknown>> & { readonly message: string };

/** Whether a line may be there; `isProvoked` says it of further errors. */
export function isInOrder(line: string, isProvoked: (line: Line) => boolean = () => false): boolean {
  try {
    const { level, code, message, ...others } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof level !== 'string' || typeof message !== 'string') return false;
    if (level !== 'error' || IN_ORDER.includes(String(code))) return true;
    return isProvoked({ ...others, code, message });
  } catch {
    return false;
  }
}
