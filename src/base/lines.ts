import { StringDecoder } from 'node:string_decoder';

/** A longer line is cut into lines of this many characters, so that a program which never ends one cannot fill memory. */
const LONGEST = 64 * 1024;

/** Cuts a stream of UTF-8 bytes into lines. */
export class Lines {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** The lines that these bytes complete. */
  push(bytes: Buffer): string[] {
    const parts = (this.#rest + this.#decoder.write(bytes)).split(/\r?\n/);
    this.#rest = parts.pop() ?? '';
    while (this.#rest.length > LONGEST) {
      parts.push(this.#rest.slice(0, LONGEST));
      this.#rest = this.#rest.slice(LONGEST);
    }
    return parts;
  }

  /** What is left when the stream has ended without a newline. */
  end(): string[] {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    return rest === '' ? [] : [rest];
  }
}
