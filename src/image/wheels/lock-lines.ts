/** A line of a file of requirements as pip reads it: "Requirements File Format" of its documentation. */
export interface LockLine {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** A backslash at the end goes on in the next line, ` #` begins a comment, and `${NAME}` stands for what the environment has. */
export function linesOf(text: string, environment: Readonly<Record<string, string | undefined>>): LockLine[] {
  const joined = joinedLines(text.replace(/^\uFEFF/, ''));
  return joined.flatMap(({ line, text: written }) => {
    const bare = withoutComment(written).trim();
    if (bare === '') return [];
    return [
      {
        line,
        text: bare.replaceAll(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => environment[name] ?? whole),
      },
    ];
  });
}

function joinedLines(text: string): LockLine[] {
  const lines: LockLine[] = [];
  let parts: string[] = [];
  let start = 1;
  for (const [at, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (parts.length === 0) start = at + 1;
    const isComment = /^\s*#/.test(line);
    parts.push(isComment ? ` ${line}` : line.replace(/\\$/, ''));
    // A comment ends what went on till there, as pip has it.
    if (line.endsWith('\\') && !isComment) continue;
    lines.push({ line: start, text: parts.join('') });
    parts = [];
  }
  return parts.length === 0 ? lines : [...lines, { line: start, text: parts.join('') }];
}

function withoutComment(text: string): string {
  const at = text.search(/(?:^|\s)#/);
  return at === -1 ? text : text.slice(0, at);
}

/** What is asked for, and the options behind it: those begin at the first word with a dash before it. */
export function splitOptions(text: string): { readonly what: string; readonly options: readonly string[] } {
  const words = text.split(/\s+/);
  const first = words.findIndex(word => word.startsWith('-'));
  if (first === -1) return { what: text, options: [] };
  return { what: words.slice(0, first).join(' '), options: words.slice(first) };
}
