/** A file of requirements in pip's hash mode: "Secure installs" of its documentation. */
import { err, ok, type Result } from '#base';
import { linesOf, splitOptions } from './lock-lines.ts';
import { type IndexOptions, LockOptions, type OptionProblem } from './lock-options.ts';
import { locked } from './locked.ts';
import type { Requirement } from './requirement.ts';

/** A package with one version, and what its files must be. */
export interface Locked extends Pick<Requirement, 'name' | 'extras' | 'marker' | 'url'> {
  readonly version: string;
  /** 64 hex digits each: of wheels and of sources, for whatever machine. At least one. */
  readonly sha256: readonly string[];
  /** From 1. */
  readonly line: number;
}

export interface Lock {
  readonly packages: readonly Locked[];
  readonly index: IndexOptions;
  /** Only to be built from sources, as the file has it: names, or `:all:`. */
  readonly noBinary: readonly string[];
}

/** Worded to follow the file's name, and what to do. */
export interface LockProblem {
  readonly problem: string;
  readonly remedy: string;
}

/** A package that is not pinned, or has no hash, is a problem: then nobody would know what is installed. */
export function parseLock(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Result<Lock, LockProblem> {
  if (/^\s*lock-version\s*=/m.test(text) || /^\s*\[\[packages?\]\]/m.test(text)) return err(NO_TOML);
  const packages: Locked[] = [];
  const options = new LockOptions();
  for (const { line, text: written } of linesOf(text, environment)) {
    const { what, options: words } = splitOptions(written);
    const read = what === '' ? options.take(words) : locked(what, words, line);
    if (!read.ok) return err(placed(read.error, line));
    if (read.value !== undefined) packages.push(read.value);
  }
  if (packages.length === 0) return err({ problem: 'it names no package', remedy: LOCK_IT });
  return ok({ packages, index: options.index, noBinary: options.noBinary });
}

export const LOCK_IT =
  'lock it: `uv pip compile --generate-hashes requirements.txt -o requirements.lock`, or the same with pip-compile';

const NO_TOML: LockProblem = {
  problem: 'it is a lock in TOML, and a file of requirements with hashes is wanted',
  remedy:
    'write one from it: `uv export --format requirements-txt --no-emit-project -o requirements.lock`, or `poetry export`',
};

function placed({ problem, remedy = LOCK_IT }: OptionProblem, line: number): LockProblem {
  return { problem: `line ${line}: ${problem}`, remedy };
}
