/**
 * Texts as a Dockerfile writes them: Dockerfile reference, "Escape", "Environment replacement" and "Exec form". What is said here
 * means itself, whatever is in it.
 */

/** Between double quotes, where these three would be more than themselves. */
export function quoted(text: string): string {
  return `"${text.replaceAll(SPECIAL, '\\$&')}"`;
}

const SPECIAL = /["$\\]/g;

/** As it is where that is plain, and quoted where it is not. */
export function word(text: string): string {
  return PLAIN.test(text) ? text : quoted(text);
}

/** No `-` at the front, which flags have. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/;

/** A program and its arguments: nothing is expanded in them, and no shell reads them. */
export function execForm(args: readonly string[]): string {
  return `[${args.map(text => JSON.stringify(text)).join(', ')}]`;
}

/** One line, whatever the text is. */
export function comment(text: string): string {
  return `# ${text.replaceAll(CONTROL, ' ').trimEnd()}`;
}

const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}/gu;

/** What is wrong with a text that is not written in exec form: an instruction is one line, and knows no escape for the end of one. */
export function lineProblem(text: string): string | undefined {
  return /[\n\r\0]/.test(text) ? 'has a line break in it, which a Dockerfile cannot say' : undefined;
}
