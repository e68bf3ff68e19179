import { failure } from '#base';

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

/** The error for people, who call the archive so. */
export function refused(path: string, { entry, message }: Refusal): Error {
  return failure('archive_invalid', {
    path,
    ...(entry !== undefined && { entry: shown(entry) }),
    problem: message,
  });
}

/** A name from who knows where, fit for a line of a log. */
function shown(name: string): string {
  const line = JSON.stringify(name).slice(1, -1);
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
