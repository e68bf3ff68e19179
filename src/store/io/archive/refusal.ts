/** What is wrong with an archive, before it is known by what name people call it. `unpack` words it as `archive_invalid`. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly entry: string | undefined;

  /** `problem` follows the entry's name, or that of the archive. */
  constructor(problem: string, entry?: string) {
    super(problem);
    this.entry = entry;
  }
}
