/**
 * A text as YAML writes it, so that readers of YAML 1.1 (kubectl's and Helm's among them) and of 1.2 read the same. What is plain is
 * told by what is surely harmless, not by a list of all that is not: readers differ in what they take for a number.
 */

/** Begins with what begins no number, date or sign of YAML, and holds nothing that YAML gives a meaning to. */
const PLAIN = /^(?:[A-Za-z_/]|--?[A-Za-z])[\w./:@%+,=()~ -]*$/;

/** Amounts as people write them: 250m, 1Gi, 30s, 25%. No E and no P, with which a number goes on. */
const AMOUNT = /^\d+(?:\.\d+)?(?:m|k|[KMGT]i|M|G|T|s|ms|h|%)$/;

/** What some reader takes for a truth value, for nothing or for a number, e1 too: YAML 1.1, "Language-Independent Types". */
const WORD = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|-?e[-+]?\d+)$/i;

/** What would end a plain text, or make a key or a comment of a part of it. */
const CUT = /: |:$| $/;

/** What YAML calls not printable, or takes for the end of a line: YAML 1.1 §5.1 and §5.4. A tab and a line feed are told apart. */
// oxlint-disable-next-line no-control-regex -- these are the ones that have to be escaped
const STRANGE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
const STRANGE_ALL = new RegExp(STRANGE, 'g');

/** Lines that readers of block scalars see differently, or that an editor or a template would trim. */
const FRAGILE = /[ \t]$|^\t/m;

/** From here on a text with quotes in it is easier to read on lines of its own. Characters. */
const LONG = 80;

/** On one line. A key is always this. */
export function flowScalar(text: string): string {
  if (isPlain(text)) return text;
  const escapes = /[\n\t']/.test(text) || STRANGE.test(text);
  return /["\\]/.test(text) && !escapes ? `'${text}'` : quoted(text);
}

/** On lines of its own with `indent` spaces before each; undefined where that would not be the same text. */
export function blockScalar(text: string, indent: number): string | undefined {
  const hasLines = text.includes('\n');
  if (!hasLines && (text.length <= LONG || isPlain(text))) return undefined;
  if (/^\s|\n\n$/.test(text) || FRAGILE.test(text) || STRANGE.test(text)) return undefined;
  const ends = text.endsWith('\n');
  const pad = ' '.repeat(indent);
  const lines = (ends ? text.slice(0, -1) : text).replaceAll(/^(?=.)/gm, pad);
  return `${ends ? '|' : '|-'}\n${lines}`;
}

function isPlain(text: string): boolean {
  return (PLAIN.test(text) && !CUT.test(text) && !WORD.test(text)) || AMOUNT.test(text);
}

/** All escapes of JSON are YAML's too. Half of a pair of UTF-16 has no place in either, so it becomes U+FFFD. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(STRANGE_ALL, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
