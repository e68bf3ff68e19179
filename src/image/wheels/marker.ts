/** Conditions on where something is installed: packaging specifications, "Dependency specifiers", environment markers (PEP 508). */
import { err, ok, type Result } from '#base';

/** What is known of the place, by the names that markers have for it. */
export type MarkerName = (typeof MARKER_NAMES)[number];
export type MarkerEnvironment = Readonly<Record<MarkerName, string>>;

const MARKER_NAMES = [
  'python_version',
  'python_full_version',
  'os_name',
  'sys_platform',
  'platform_release',
  'platform_system',
  'platform_version',
  'platform_machine',
  'platform_python_implementation',
  'implementation_name',
  'implementation_version',
  'extra',
] as const;

/** As they were called before there was a PEP. */
const OLD_NAMES: Readonly<Record<string, MarkerName>> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.version': 'platform_version',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  python_implementation: 'platform_python_implementation',
};

export type Term = { readonly name: MarkerName } | { readonly text: string };

export type Marker =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Marker[] }
  | { readonly kind: 'compare'; readonly left: Term; readonly operator: string; readonly right: Term };

/** The error is what is wrong with it. */
export function parseMarker(text: string): Result<Marker, string> {
  const tokens = tokensOf(text);
  if (tokens === undefined) return err(`'${text.trim()}' is no marker`);
  const reader = new MarkerReader(tokens);
  const marker = reader.either();
  const isWhole = marker !== undefined && reader.isAtEnd;
  return isWhole ? ok(marker) : err(`'${text.trim()}' is no marker`);
}

const TOKEN = /\s*(?:(\(|\)|===|~=|==|!=|<=|>=|<|>|'[^']*'|"[^"]*"|[A-Za-z][A-Za-z0-9_.]*)|$)/y;

function tokensOf(text: string): readonly string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (const end = text.trimEnd().length; TOKEN.lastIndex < end; ) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

/** Parentheses within one another, which nobody writes as many of. */
const MOST_DEPTH = 40;

/** Each method reads what it is called, or answers undefined. */
class MarkerReader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(): Marker | undefined {
    return this.#joined('or', () => this.#joined('and', () => this.#one()));
  }

  #joined(kind: 'and' | 'or', next: () => Marker | undefined): Marker | undefined {
    const of: Marker[] = [];
    do {
      const marker = next();
      if (marker === undefined) return undefined;
      of.push(marker);
    } while (this.#takes(kind));
    const [only] = of;
    return of.length === 1 ? only : { kind, of };
  }

  #one(): Marker | undefined {
    if (!this.#takes('(')) return this.#comparison();
    if (++this.#depth > MOST_DEPTH) return undefined;
    const marker = this.either();
    this.#depth--;
    return this.#takes(')') ? marker : undefined;
  }

  #comparison(): Marker | undefined {
    const left = this.#term();
    const operator = this.#operator();
    const right = this.#term();
    if (left === undefined || operator === undefined || right === undefined) return undefined;
    if ('name' in left === 'name' in right) return undefined;
    return { kind: 'compare', left, operator, right };
  }

  #operator(): string | undefined {
    if (this.#takes('not')) return this.#takes('in') ? 'not in' : undefined;
    const token = this.#tokens[this.#at++];
    return token !== undefined && /^(?:[=~!<>]+|in)$/.test(token) ? token : undefined;
  }

  #term(): Term | undefined {
    const token = this.#tokens[this.#at++] ?? '';
    if (/^['"]/.test(token)) return { text: token.slice(1, -1) };
    const name = OLD_NAMES[token] ?? MARKER_NAMES.find(one => one === token);
    return name === undefined ? undefined : { name };
  }

  #takes(token: string): boolean {
    const isNext = this.#tokens[this.#at] === token;
    if (isNext) this.#at++;
    return isNext;
  }
}
