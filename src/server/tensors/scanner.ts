import { isUtf8 } from 'node:buffer';
import { failure } from '#base';
import { MOST_SHOWN, shown } from './shown.ts';

/** Nesting that a body may have: enough for any tensor, too little to exhaust a stack. */
export const MOST_DEPTH = 100;

/** Members that an object the reader visits may have: enough for any model's inputs, too few to fill the memory with names. */
export const MOST_MEMBERS = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;

/**
 * Reads JSON from bytes, strictly (RFC 8259) but for the tokens NaN, Infinity and -Infinity, which Triton's and
 * TensorFlow Serving's clients send. It walks rather than builds: numbers stay text until a tensor reads them with its
 * own type, so nothing is rounded on the way. Every fault throws `body_malformed` with its offset.
 */
export class Scanner {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    if (!isUtf8(bytes)) throw failure('body_malformed', { offset: 0, problem: 'the text is not UTF-8' });
  }

  fail(problem: string): never {
    throw failure('body_malformed', { offset: this.at, problem });
  }

  /** The next byte that is not white space, without taking it; -1 at the end. */
  peek(): number {
    const { bytes } = this;
    let { at } = this;
    let byte = bytes[at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at];
    this.at = at;
    return byte ?? -1;
  }

  isObject(): boolean {
    return this.peek() === OPEN_BRACE;
  }

  isArray(): boolean {
    return this.peek() === OPEN;
  }

  isString(): boolean {
    return this.peek() === QUOTE;
  }

  /** Visits an object's members; `visit` must take the value. A repeated name is refused: which one counts is a guess. */
  object(visit: (name: string) => void): void {
    this.#expect(OPEN_BRACE, '{');
    if (this.#take(CLOSE_BRACE)) return;
    const seen = new Set<string>();
    do {
      if (this.peek() !== QUOTE) this.fail('a member name was expected');
      if (seen.size === MOST_MEMBERS) this.fail(`an object has more than ${MOST_MEMBERS} members`);
      const name = this.string();
      if (seen.has(name)) this.fail(`the member ${JSON.stringify(shown(name))} is there twice`);
      seen.add(name);
      this.#expect(COLON, ':');
      visit(name);
    } while (this.#take(COMMA));
    this.#expect(CLOSE_BRACE, ', or }');
  }

  /** Visits an array's elements; `visit` must take the value. */
  array(visit: (index: number) => void): void {
    this.#expect(OPEN, '[');
    if (this.#take(CLOSE)) return;
    let index = 0;
    do visit(index++);
    while (this.#take(COMMA));
    this.#expect(CLOSE, ', or ]');
  }

  string(): string {
    const start = this.at;
    const escaped = this.#skipString();
    if (!escaped) return this.bytes.toString('utf8', start + 1, this.at - 1);
    return JSON.parse(this.bytes.toString('utf8', start, this.at)) as string;
  }

  /** Takes a small value whole. Numbers are doubles here: not for tensors. NaN and the infinities are refused. */
  value(): unknown {
    this.peek();
    const start = this.at;
    this.skip();
    try {
      return JSON.parse(this.bytes.toString('utf8', start, this.at)) as unknown;
    } catch {
      // The grammar was checked by skip(): only the tokens JSON does not have are left.
      this.at = start;
      return this.fail('NaN and Infinity are allowed in tensors only');
    }
  }

  /** What messages quote of the next value's text, without taking it. */
  shown(): string {
    this.peek();
    const start = this.at;
    this.skip();
    const end = Math.min(this.at, start + 4 * MOST_SHOWN);
    this.at = start;
    return shown(this.bytes.toString('utf8', start, end));
  }

  /** Takes any value, checking its grammar. Iterative, so that depth costs no stack. */
  skip(): void {
    const closers: number[] = [];
    for (;;) {
      const byte = this.peek();
      if (byte === OPEN || byte === OPEN_BRACE) {
        this.at++;
        if (closers.length === MOST_DEPTH) this.fail(tooDeep);
        if (!this.#take(byte + 2)) {
          this.#enter(closers, byte + 2);
          continue;
        }
      } else this.skipLeaf(byte);
      if (!this.#leave(closers)) return;
    }
  }

  /** Inside `skip`, at the first value of an array or object that is not empty. */
  #enter(closers: number[], closer: number): void {
    closers.push(closer);
    if (closer === CLOSE_BRACE) this.#memberName();
  }

  /** After a value inside `skip`: closes what closes, and says whether another value follows. */
  #leave(closers: number[]): boolean {
    for (;;) {
      const closer = closers.at(-1);
      if (closer === undefined) return false;
      if (this.#take(COMMA)) {
        if (closer === CLOSE_BRACE) this.#memberName();
        return true;
      }
      this.#expect(closer, closer === CLOSE ? ', or ]' : ', or }');
      closers.pop();
    }
  }

  #memberName(): void {
    if (this.peek() !== QUOTE) this.fail('a member name was expected');
    this.#skipString();
    this.#expect(COLON, ':');
  }

  /** Takes a number, string or word, given its first byte. */
  skipLeaf(first: number): void {
    if ((first >= 0x30 && first <= 0x39) || first === MINUS) this.#skipNumber();
    else if (first === QUOTE) this.#skipString();
    else this.#skipWord();
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== -1) this.fail('more text follows the value');
  }

  #take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  #expect(byte: number, wanted: string): void {
    if (!this.#take(byte))
      this.fail(
        this.at >= this.bytes.length
          ? `the text ends where ${wanted} was expected`
          : `${wanted} was expected`,
      );
  }

  #skipWord(): void {
    for (const word of words) {
      if (this.bytes.toString('latin1', this.at, this.at + word.length) !== word) continue;
      this.at += word.length;
      return;
    }
    this.fail(
      this.at >= this.bytes.length ? 'the text ends where a value was expected' : 'a value was expected',
    );
  }

  #skipNumber(): void {
    const { bytes } = this;
    if (bytes[this.at] === MINUS) {
      this.at++;
      if (bytes[this.at] === 0x49) return this.#skipWord();
    }
    const start = this.at;
    const count = this.#digits('a digit was expected');
    if (count > 1 && bytes[start] === 0x30) this.fail('a number starts with a needless 0');
    if (bytes[this.at] === DOT) {
      this.at++;
      this.#digits('a digit was expected after the point');
    }
    if (((bytes[this.at] ?? 0) | 0x20) === 0x65) this.#exponent();
  }

  #exponent(): void {
    this.at++;
    const sign = this.bytes[this.at];
    if (sign === MINUS || sign === PLUS) this.at++;
    this.#digits('a digit was expected in the exponent');
  }

  /** Takes digits, at least one, and says how many. */
  #digits(otherwise: string): number {
    const { bytes } = this;
    const start = this.at;
    let { at } = this;
    while (isDigit(bytes[at])) at++;
    this.at = at;
    if (at === start) this.fail(otherwise);
    return at - start;
  }

  /** Takes a string, and says whether it has escapes. */
  #skipString(): boolean {
    const { bytes } = this;
    let at = this.at + 1;
    let escaped = false;
    for (;;) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      this.at = at;
      if (byte === undefined) this.fail('the text ends inside a string');
      if (byte < 0x20) this.fail('a control character stands in a string');
      if (byte === BACKSLASH) {
        escaped = true;
        at += this.#escape(at);
      } else at++;
    }
    this.at = at + 1;
    return escaped;
  }

  /** The length of the escape at `at`. */
  #escape(at: number): number {
    const next = this.bytes[at + 1];
    if (next === 0x75) {
      if (!/^[0-9a-fA-F]{4}$/.test(this.bytes.toString('latin1', at + 2, at + 6)))
        this.fail('\\u wants four hexadecimal digits');
      return 6;
    }
    if (next === undefined || !escapes.includes(next)) this.fail('an unknown escape stands in a string');
    return 2;
  }
}

const tooDeep = `the nesting is deeper than ${MOST_DEPTH}`;
const words = ['true', 'false', 'null', 'NaN', 'Infinity'];
const escapes = Buffer.from('"\\/bfnrt');

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
