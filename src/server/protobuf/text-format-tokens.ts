/** The words, numbers, strings and signs of protobuf's text format. Source: protobuf.dev/reference/protobuf/textformat-spec. */
import { shown } from '../tensors/shown.ts';

/** `line` and `column` count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

export interface Token extends TextPlace {
  readonly kind: 'word' | 'integer' | 'float' | 'string' | 'sign' | 'end';
  /** As it is written, a string with its quotes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Thrown where a text is not what it should be; the reader's answer says so. */
export class TextError extends Error {
  override readonly name = 'TextError';
  readonly at: TextPlace;

  constructor(problem: string, at: TextPlace) {
    super(problem);
    this.at = at;
  }
}

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const HEX = /0[xX][0-9A-Fa-f]+/y;
const FLOAT = /(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?|\d+[eE][+-]?\d+[fF]?|\d+[fF]/y;
const INTEGER = /\d+/y;
const SIGNS = '{}<>[]:,;-./';
const LINE_END = 10;
const COMMENT = 35;
const BACKSLASH = 92;
/** Tab, line end, vertical tab, form feed, carriage return, space. */
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

/** A text as its tokens, one ahead. */
export class Tokens {
  readonly #text: string;
  #line = 1;
  #lineStart = 0;
  #next: Token;
  #last: Token;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#scan(0);
    this.#last = this.#next;
  }

  get next(): Token {
    return this.#next;
  }

  take(): Token {
    this.#last = this.#next;
    this.#next = this.#scan(this.#last.end);
    return this.#last;
  }

  takeIf(sign: string): boolean {
    if (!this.is(sign)) return false;
    this.take();
    return true;
  }

  is(sign: string): boolean {
    return this.#next.kind === 'sign' && this.#next.text === sign;
  }

  /** What is written from a token to the last one taken. */
  textFrom({ start }: Token): string {
    return this.#text.slice(start, this.#last.end);
  }

  /** Says what should stand where the next token does. */
  fail(expected: string): never {
    const { kind, text } = this.#next;
    const found = kind === 'end' ? 'the end' : kind === 'string' ? shown(text) : `'${shown(text)}'`;
    throw new TextError(`expected ${expected}, found ${found}`, this.#next);
  }

  #scan(from: number): Token {
    const start = this.#skipSpace(from);
    const first = this.#text[start];
    if (first === undefined) return this.#token('end', start, start);
    if (first === '"' || first === "'") return this.#token('string', start, this.#endOfString(start, first));
    const word = this.#match(WORD, start);
    if (word !== undefined) return this.#token('word', start, word);
    if (/\d/.test(first) || (first === '.' && /\d/.test(this.#text[start + 1] ?? '')))
      return this.#number(start);
    if (SIGNS.includes(first)) return this.#token('sign', start, start + 1);
    const sign = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    throw new TextError(`expected a field or a value, found '${sign.toWellFormed()}'`, this.#place(start));
  }

  #skipSpace(from: number): number {
    let at = from;
    for (let comment = false; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      comment = code === COMMENT || (comment && code !== LINE_END);
      if (!comment && !isSpace(code)) break;
      if (code !== LINE_END) continue;
      this.#line++;
      this.#lineStart = at + 1;
    }
    return at;
  }

  #number(start: number): Token {
    const hex = this.#match(HEX, start);
    const float = hex === undefined ? this.#match(FLOAT, start) : undefined;
    const end = hex ?? float ?? this.#match(INTEGER, start) ?? start;
    const text = this.#text.slice(start, end);
    // A zero in front makes it octal, and octal numbers are whole.
    if (hex === undefined && /^0\d/.test(text) && !/^[0-7]+$/.test(text))
      throw new TextError(`expected a number, found '${shown(text)}'`, this.#place(start));
    const run = this.#match(WORD, end);
    if (run === undefined) return this.#token(float === undefined ? 'integer' : 'float', start, end);
    const both = shown(this.#text.slice(start, run));
    throw new TextError(`expected a space behind a number, found '${both}'`, this.#place(start));
  }

  #endOfString(start: number, quote: string): number {
    const close = quote.charCodeAt(0);
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === close) return at + 1;
      if (code === LINE_END) break;
      // A line that ends behind one ends the string as well: no escape is written so.
      if (code === BACKSLASH && this.#text.charCodeAt(at + 1) !== LINE_END) at++;
    }
    throw new TextError(`expected ${quote} at the end of a string, before the line ends`, this.#place(start));
  }

  /** Where a match that begins at `from` ends. */
  #match(pattern: RegExp, from: number): number | undefined {
    pattern.lastIndex = from;
    return pattern.test(this.#text) ? pattern.lastIndex : undefined;
  }

  #token(kind: Token['kind'], start: number, end: number): Token {
    return { kind, text: this.#text.slice(start, end), start, end, ...this.#place(start) };
  }

  #place(start: number): TextPlace {
    return { line: this.#line, column: start - this.#lineStart + 1 };
  }
}
