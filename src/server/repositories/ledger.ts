/**
 * What becomes of each field that a configuration has: it changes how the model runs, it is noted, or it is refused. What
 * nobody looked at is noted in the end, so that none is passed over in silence.
 */

import type { ModelSettings } from '../models/settings.ts';
import type { Written } from '../protobuf/text-format.ts';
import { shown } from '../tensors/shown.ts';
import type { Origin } from './model.ts';
import type { Note } from './note.ts';

interface ReadFields {
  readonly written: ReadonlyMap<string, Written>;
  readonly replaced: readonly (readonly [path: string, written: Written])[];
}

/** What is said of a field that changes nothing. */
export interface Rule {
  readonly why: string;
  /** Without it the model would not answer as it was meant to. */
  readonly refused?: true;
  /** Said even where the field says no more than if it were left out. */
  readonly always?: true;
}

/** By path without indices and keys; what is said of a field holds for those in it. */
export type Rules = Readonly<Record<string, Rule>>;

export interface Account {
  readonly notes: readonly Note[];
  readonly origins: readonly Origin[];
  /** Why the model cannot be served, each with its place. */
  readonly problems: readonly string[];
}

export class Ledger {
  readonly #file: string;
  readonly #fields: ReadFields;
  readonly #rules: Rules;
  readonly #settled = new Set<string>();
  readonly #trees = new Set<string>();
  #longestTree = 0;
  readonly #notes: Note[] = [];
  readonly #origins: Origin[] = [];
  readonly #problems: string[] = [];

  /** `file` is what places are told in. */
  constructor(file: string, fields: ReadFields, rules: Rules) {
    this.#file = file;
    this.#fields = fields;
    this.#rules = rules;
  }

  has(path: string): boolean {
    return this.#fields.written.has(path);
  }

  /** A field is in what the model runs with. */
  use(path: string, setting?: keyof ModelSettings): void {
    this.#settled.add(path);
    if (setting !== undefined) this.#origins.push({ setting, field: path, ...this.#at(path) });
  }

  /** So are all the fields in it. */
  useAll(path: string): void {
    this.#trees.add(path);
    this.#longestTree = Math.max(this.#longestTree, path.length);
  }

  note(path: string, why: string): void {
    this.#settled.add(path);
    const value = this.#fields.written.get(path)?.text ?? '';
    this.#notes.push({ field: path, value, why, ...this.#at(path) });
  }

  refuse(path: string, why: string): void {
    this.#settled.add(path);
    const written = this.#fields.written.get(path);
    const place = written === undefined ? this.#file : `${this.#file}:${written.line}:${written.column}`;
    const value = written === undefined || written.text === '' ? '' : ` ${shown(written.text)}`;
    this.#problems.push(`${place}: ${path}${value} ${why}`);
  }

  /** Settles what is left. */
  close(): Account {
    const parents = new Set([...this.#fields.written.keys()].map(parentOf));
    for (const [path, { initial }] of this.#fields.written)
      if (!this.#isSettled(path) && !parents.has(path)) this.#settle(path, initial);
    for (const [field, { text, line }] of this.#fields.replaced)
      this.#notes.push({
        field,
        value: text,
        why: 'a later entry of the same key takes its place',
        at: `${this.#file}:${line}`,
      });
    return { notes: this.#notes, origins: this.#origins, problems: this.#problems };
  }

  #isSettled(path: string): boolean {
    if (this.#settled.has(path) || this.#trees.has(path)) return true;
    // No tree is longer than the longest, whereas a key may be as long as the file. A part of one may be taken for a path,
    // which then is in no tree.
    for (let at = 1; at < path.length && at <= this.#longestTree; at++)
      if ((path[at] === '.' || path[at] === '[') && this.#trees.has(path.slice(0, at))) return true;
    return false;
  }

  #settle(path: string, initial: boolean): void {
    const { why, refused, always } = ruleFor(path, this.#rules);
    if (initial && !always) return;
    if (!refused) return this.note(path, why);
    // Told once, not for each field in it.
    const [top = path] = path.split('.');
    if (!this.#settled.has(top)) this.refuse(top, why);
  }

  #at(path: string): { readonly at?: string } {
    const written = this.#fields.written.get(path);
    return written === undefined ? {} : { at: `${this.#file}:${written.line}` };
  }
}

function parentOf(path: string): string | undefined {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? undefined : path.slice(0, dot);
}

const UNKNOWN: Rule = { why: 'this server has nothing like it' };

function ruleFor(path: string, rules: Rules): Rule {
  // A key may hold anything, a bracket too.
  let plain = path.replaceAll(/\["(?:[^"\\]|\\.)*"\]|\[-?\w+\]/g, '');
  for (; plain !== ''; plain = plain.slice(0, Math.max(0, plain.lastIndexOf('.')))) {
    const rule = Object.hasOwn(rules, plain) ? rules[plain] : undefined;
    if (rule !== undefined) return rule;
  }
  return UNKNOWN;
}
