/** Words of others, made short and fit for a line. */

const MOST = 400;
const LINES = 5;
const LINE = 200;

/** One line of at most so many characters, with nothing in it that moves a terminal's cursor. */
export function brief(text: string, most = MOST): string {
  const plain = text
    .replaceAll(/\p{Cc}\[[0-9;?]*[A-Za-z]/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}

/** What follows `password=`, stands before an @ in a URL, or signs one: logs end up in tickets. */
const SECRETS: readonly (readonly [found: RegExp, instead: string])[] = [
  [/(:\/\/)[^\s/@]+@/g, '$1…@'],
  [
    /\b((?:[\w-]*(?:password|passwd|secret|token|api[_-]?key|signature))["']?\s*[=:]\s*["']?)[^\s"'&,;]+/gi,
    '$1…',
  ],
  [/\b(Bearer )[\w.~+/=-]+/g, '$1…'],
];

/** The last lines of a log. */
export function lastLines(log: readonly string[]): readonly string[] {
  return log.slice(-LINES).map(line => {
    const hidden = SECRETS.reduce(
      (text, [found, instead]) => text.replaceAll(found, instead),
      line.slice(0, 4 * LINE),
    );
    return brief(hidden, LINE);
  });
}
