/**
 * What a template writes in place of data. `{{-` takes the line feed before it away, so that a part which writes nothing leaves no
 * blank line; each part ends in one.
 */
import { Insertion, textOf } from '../yaml/write.ts';

const spaces = (count: number): string => ' '.repeat(count);

/** What is written so that a template leaves it as it is: Go, text/template, "Text and spaces". */
export function untouched(written: string): string {
  return written.replaceAll('{{', '{{ "{{" }}');
}

/** A text that is as it is but for what is changed in it. */
export function literal(value: string, change: (written: string) => string): Insertion {
  return new Insertion('value', indent => ` ${change(untouched(textOf(value, indent + 2)))}\n`);
}

/** One value. As JSON, which is YAML, since a text may need quotes. */
export function scalar(expression: string): Insertion {
  return new Insertion('value', () => ` {{ ${expression} | toJson }}\n`);
}

/** A number, of what Helm reads as one with a fraction. */
export function whole(expression: string): Insertion {
  return new Insertion('value', () => ` {{ ${expression} }}\n`);
}

/** A map or a list at a key, which is left out where it is empty, unless it was there. */
export function collection(key: string, reference: string, isThere: boolean): Insertion {
  return isThere ? block(reference) : optional(key, reference);
}

function block(reference: string): Insertion {
  return new Insertion(
    'value',
    indent => `\n${spaces(indent + 2)}{{- toYaml ${reference} | nindent ${indent + 2} }}\n`,
  );
}

/** Left out with its key where it is empty. */
export function optional(key: string, reference: string): Insertion {
  return part([`{{- with ${reference} }}`, `${key}:`, nested(2), '{{- end }}']);
}

/** More members of the map that it is a member of. */
export function members(reference: string): Insertion {
  return part([`{{- with ${reference} }}`, nested(0), '{{- end }}']);
}

/** Items of the list that it is an item of, one for each member of a map. */
export function variables(reference: string): Insertion {
  return part(ranged(reference));
}

/** The same where there is no list yet. */
export function optionalVariables(key: string, reference: string): Insertion {
  return part([`{{- with ${reference} }}`, `${key}:`, ...ranged('.'), '{{- end }}']);
}

const ranged = (reference: string): readonly string[] => [
  `{{- range $name, $value := ${reference} }}`,
  '- name: {{ toJson $name }}',
  '  value: {{ toJson $value }}',
  '{{- end }}',
];

/** A list of names as Kubernetes writes references, left out with its key where it is empty. */
export function names(key: string, reference: string): Insertion {
  return part([
    `{{- with ${reference} }}`,
    `${key}:`,
    '{{- range . }}',
    '- name: {{ toJson . }}',
    '{{- end }}',
    '{{- end }}',
  ]);
}

/** A line whose indent depends on where it comes to be. */
type Line = string | ((indent: number) => string);

const nested =
  (more: number): Line =>
  indent =>
    `${spaces(more)}{{- toYaml . | nindent ${indent + more} }}`;

function part(lines: readonly Line[]): Insertion {
  return new Insertion('part', indent =>
    lines.map(line => `${spaces(indent)}${typeof line === 'string' ? line : line(indent)}\n`).join(''),
  );
}
