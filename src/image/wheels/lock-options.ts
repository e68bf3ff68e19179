/** Options that a file of requirements may have on lines of their own: "Requirements File Format" of pip's documentation. */
import { err, ok, type Result } from '#base';

/** Where packages are looked for. */
export interface IndexOptions {
  readonly indexUrl?: string | undefined;
  readonly extraIndexUrls: readonly string[];
  /** Folders of this machine, or pages, with links to wheels. */
  readonly findLinks: readonly string[];
  /** Only in `findLinks`. */
  readonly noIndex: boolean;
}

export interface OptionProblem {
  readonly problem: string;
  /** Without, to lock it. */
  readonly remedy?: string;
}

const LONG: Readonly<Record<string, string>> = {
  '-i': '--index-url',
  '--pypi-url': '--index-url',
  '-f': '--find-links',
  '-r': '--requirement',
  '-c': '--constraint',
  '-e': '--editable',
};

/** They have no value. */
const ALONE: readonly string[] = ['--no-index', '--pre', '--prefer-binary', '--require-hashes'];
/** They say what is done here anyway, or nothing about what a wheel is. */
const OF_NO_ACCOUNT: readonly string[] = [
  ...ALONE.slice(1),
  '--only-binary',
  '--trusted-host',
  '--use-feature',
];

const REFUSED: Readonly<Record<string, OptionProblem>> = {
  '--requirement': {
    problem: 'it names another file of requirements, and only this one is read',
    remedy: 'lock both into one: `uv pip compile --generate-hashes a.txt b.txt -o requirements.lock`',
  },
  '--constraint': {
    problem: 'it names a file of constraints, which a lock does not need',
    remedy:
      'lock with it, and leave it out here: `uv pip compile --generate-hashes -c constraints.txt requirements.txt -o requirements.lock`',
  },
  '--editable': {
    problem: 'it names a folder of sources, and only wheels are installed',
    remedy:
      'leave it out, as `uv export --no-emit-project` does, or build a wheel of it and name that with its hash',
  },
};

export interface Value {
  readonly option: string;
  readonly value: string;
}

/** `--a=b` and `--a b` are the same, and so are the short names. */
export function valuesOf(words: readonly string[]): Result<readonly Value[], OptionProblem> {
  const values: Value[] = [];
  for (let at = 0; at < words.length; at++) {
    const [, name = '', given] = /^(-{1,2}[^=]*)(?:=([\s\S]*))?$/.exec(words[at] ?? '') ?? [];
    const option = LONG[name] ?? name;
    const value = given ?? (ALONE.includes(option) ? '' : words[++at]);
    if (option === '' || value === undefined)
      return err({ problem: `'${words.join(' ').slice(0, 80)}' is no option with its value` });
    values.push({ option, value });
  }
  return ok(values);
}

/** What all the options of a file come to. */
export class LockOptions {
  #indexUrl: string | undefined;
  readonly #extraIndexUrls: string[] = [];
  readonly #findLinks: string[] = [];
  #noIndex = false;
  readonly noBinary: string[] = [];

  get index(): IndexOptions {
    const [indexUrl, extraIndexUrls, findLinks] = [this.#indexUrl, this.#extraIndexUrls, this.#findLinks];
    return { indexUrl, extraIndexUrls, findLinks, noIndex: this.#noIndex };
  }

  take(words: readonly string[]): Result<undefined, OptionProblem> {
    const read = valuesOf(words);
    if (!read.ok) return read;
    for (const { option, value } of read.value) {
      const refused = REFUSED[option] ?? this.#takeOne(option, value);
      if (refused !== undefined) return err(refused);
    }
    return ok(undefined);
  }

  #takeOne(option: string, value: string): OptionProblem | undefined {
    if (option === '--index-url') this.#indexUrl = value;
    else if (option === '--extra-index-url') this.#extraIndexUrls.push(value);
    else if (option === '--find-links') this.#findLinks.push(value);
    else if (option === '--no-index') this.#noIndex = true;
    else if (option === '--no-binary') this.noBinary.push(...value.split(','));
    else if (!OF_NO_ACCOUNT.includes(option))
      return { problem: `the option ${option.slice(0, 40)} is not known here`, remedy: 'leave it out' };
    return undefined;
  }
}
