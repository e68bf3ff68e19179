/** One input of a border: a line that says how it is to be taken, and the bytes themselves. */
export interface Case {
  /** Without a line break. */
  readonly head: string;
  readonly body: Buffer;
}

/** As it lies in a file: the line, and behind it the bytes. */
export function toFile({ head, body }: Case): Buffer {
  return Buffer.concat([Buffer.from(`${head}\n`), body]);
}

export function fromFile(bytes: Buffer): Case {
  const end = bytes.indexOf('\n');
  if (end === -1) throw new Error('it is no input: its first line does not end');
  return { head: bytes.toString('utf8', 0, end), body: bytes.subarray(end + 1) };
}
