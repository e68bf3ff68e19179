/** Says in words what a schema refused. */
import type { z } from 'zod';
import { suggest } from '#base';

export function unknownKey(key: string, known: readonly string[]): string {
  const near = suggest(key, known);
  const help = near === undefined ? `the keys here are ${known.join(', ')}` : `did you mean '${near}'?`;
  return `is not a known key; ${help}`;
}

/** What is wrong with a value that stands without quotes and was meant as text; `written` is its source. */
export function needsQuotes(written: string, value: number | boolean): string {
  const read = String(value) === written ? '' : `; YAML reads it as ${value}`;
  return `must be text, so write it in quotes: "${written}"${read}`;
}

/** The problem of one value. A message that the schema words itself is kept. */
export function wording(issue: z.core.$ZodIssue): string {
  return `${plainWording(issue)}${shown(issue.input)}`;
}

function isMissing({ input, code }: z.core.$ZodIssue): boolean {
  return input === undefined && code !== 'custom';
}

/** The same without the value. */
export function plainWording(issue: z.core.$ZodIssue): string {
  if (isMissing(issue)) return 'is missing';
  if (isSchemasOwn(issue)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(one => JSON.stringify(one)).join(' or ')}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    default:
      return issue.message;
  }
}

/** Whether the schema words this fault itself; zod begins its own messages with one of these words. */
export function isSchemasOwn({ message }: z.core.$ZodIssue): boolean {
  return !/^(?:Invalid|Too|Unrecognized)/.test(message);
}

function shown(value: unknown): string {
  if (value === null) return ' (it is empty)';
  if (typeof value === 'string') return ` (it is ${JSON.stringify(withoutPassword(value))})`;
  return typeof value === 'number' || typeof value === 'boolean' ? ` (it is ${value})` : '';
}

/** An address is often refused for the password in it, which may itself hold what would end a host. */
function withoutPassword(text: string): string {
  return text.replace(PASSWORD, '://***@');
}

const PASSWORD = /:\/\/[\s\S]*@/;

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    int: 'an integer',
    object: 'a map',
    array: 'a list',
  };
  return names[type] ?? `a ${type}`;
}

/** What the YAML library says of a text. Text nested deeper than the stack ends it wherever it just is, in a regex too. */
export function yamlProblem(message: string): string {
  return /maximum call stack|stack overflow/i.test(message) ? TOO_DEEP : message;
}

export const TOO_DEEP = 'it is nested too deeply';
