/** TensorFlow Serving's JSON form of a string that may be no text: `{"b64": "…"}`, an object with exactly that key. */

const QUOTE = 0x22;
const CLOSE_BRACE = 0x7d;

export interface Base64Text {
  /** What stands between the quotes. */
  readonly encoded: string;
  /** Just behind the object. */
  readonly end: number;
}

const NAME = Buffer.from('"b64"');

/** Whether the object at `at`, which is on its `{`, may be one. Nothing need have checked its grammar. */
export function beginsBase64(bytes: Buffer, at: number): boolean {
  const name = afterSpace(bytes, at + 1);
  return NAME.equals(bytes.subarray(name, name + NAME.length));
}

/** The object at `at`, which is on its `{`, or undefined when it is another. Assumes that a Scanner checked the grammar. */
export function base64At(bytes: Buffer, at: number): Base64Text | undefined {
  if (!beginsBase64(bytes, at)) return undefined;
  const nameEnd = afterSpace(bytes, at + 1) + NAME.length;
  // Behind a name are white space, a colon and white space.
  const value = stringAt(bytes, afterSpace(bytes, nameEnd) + 1);
  if (value === undefined) return undefined;
  const close = afterSpace(bytes, value.end);
  if (bytes[close] !== CLOSE_BRACE) return undefined;
  const encoded = JSON.parse(bytes.toString('utf8', value.start, value.end)) as string;
  return { encoded, end: close + 1 };
}

/**
 * The bytes that base64 stands for, or undefined when it is not strictly base64: Node's decoder skips what it does not
 * know, so only a round trip tells.
 */
export function decodeBase64(encoded: string): Buffer | undefined {
  const decoded = Buffer.from(encoded, 'base64');
  return decoded.toString('base64') === encoded ? decoded : undefined;
}

export function base64Text(bytes: Buffer): string {
  return `{"b64":"${bytes.toString('base64')}"}`;
}

/** Just behind the string at `at`, which is on its first quote. Assumes that it ends, and ends itself in any case. */
export function endOfString(bytes: Buffer, at: number): number {
  let cursor = at + 1;
  while (cursor < bytes.length && bytes[cursor] !== QUOTE) cursor += bytes[cursor] === 0x5c ? 2 : 1;
  return cursor + 1;
}

function stringAt(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  const start = afterSpace(bytes, at);
  return bytes[start] === QUOTE ? { start, end: endOfString(bytes, start) } : undefined;
}

function afterSpace(bytes: Buffer, at: number): number {
  let cursor = at;
  while ((bytes[cursor] ?? CLOSE_BRACE) <= 0x20) cursor++;
  return cursor;
}
