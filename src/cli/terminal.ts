/** Writes for people: lines that stay, and one that is redrawn where the output is a terminal. */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  #live = '';

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  get columns(): number {
    // A terminal whose size nobody has set says 0.
    return this.#stream.columns || 80;
  }

  /** NO_COLOR is a convention of no-color.org: set and not empty means none. */
  get colour(): boolean {
    return this.isTerminal && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  }

  /** A line that stays, above the live one. */
  line(text: string): void {
    this.#stream.write(this.#live === '' ? `${text}\n` : `\r\x1b[2K${text}\n${this.#live}`);
  }

  /** Redraws the live line; nothing where there is no terminal. */
  live(text: string): void {
    if (!this.isTerminal || text === this.#live) return;
    this.#live = text;
    this.#stream.write(`\r\x1b[2K${text}`);
  }

  /** Ends the live line. */
  end(): void {
    if (this.#live !== '') this.#stream.write('\r\x1b[2K');
    this.#live = '';
  }
}
