/** What a server may say on stderr: a JSON object a line, and of errors only those that the soak provokes. */

/** The codes of answers to what was asked, or to too much of it. */
const IN_ORDER = [
  'feature_missing',
  'transfer_coding_unknown',
  'http_version_unknown',
  'overloaded',
  'draining',
  'model_not_ready',
  'deadline_exceeded',
  // A poison, or a thread that died.
  'inference_failed',
];

/** What is said of a broken file, and of a thread that was killed. */
const TOLD = ['model not loaded', 'model not served', 'thread', 'worker'];

export function isInOrder(line: string): boolean {
  if (line === '') return true;
  try {
    const { level, code, message, error } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (typeof level !== 'string' || typeof message !== 'string') return false;
    if (level !== 'error' || IN_ORDER.includes(String(code))) return true;
    return TOLD.some(words => message.includes(words) || String(error).includes('thread that reads'));
  } catch {
    return false;
  }
}
