/** The instructions of a Dockerfile, one text each: Dockerfile reference. */
import type { RunConfig } from '../recipe.ts';
import type { TitledLayer } from './copied-layers.ts';
import { comment, execForm, quoted, word } from './words.ts';

/**
 * `--link` makes it a layer of its own, whatever lies below, as layers of an image are that fairlead builds: a new base or a new
 * program leaves it as it is. `--chmod` says it again, since a checkout or a copy of the context may have taken modes away.
 */
export function copy({ title, source, target, variable }: TitledLayer): string[] {
  return [
    comment(title),
    ...(variable === undefined ? [] : [`ARG ${variable}`]),
    `COPY --link --chmod=u=rwX,go=rX ${source}/ ${target}`,
  ];
}

export function copyFrom(stage: string, path: string): string {
  return `COPY --link --from=${stage} ${path} ${path}`;
}

/** A line for each, under one another. */
export function labels(annotations: Readonly<Record<string, string>>): string[] {
  const lines = Object.entries(annotations).map(([key, value]) => `${word(key)}=${quoted(value)}`);
  return lines.length === 0 ? [] : [`LABEL ${lines.join(' \\\n      ')}`];
}

/** One each: in one instruction, `$A` in a value reads as if it were to be the `A` beside it. */
export function variables(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `ENV ${word(name)}=${quoted(value)}`);
}

/**
 * What runs, and how. CMD comes after ENTRYPOINT, which takes away the CMD of the base; a folder before USER, so that one that is
 * not there becomes root's.
 */
export function running({ entrypoint, cmd, ports, user, stopSignal, folder }: RunConfig): string[] {
  return [
    ...(folder === undefined ? [] : [`WORKDIR ${word(folder)}`]),
    ...(ports.length === 0 ? [] : [`EXPOSE ${ports.map(port => `${port}/tcp`).join(' ')}`]),
    `STOPSIGNAL ${word(stopSignal)}`,
    `USER ${word(user)}`,
    ...(entrypoint.length === 0 ? [] : [`ENTRYPOINT ${execForm(entrypoint)}`]),
    ...(cmd.length === 0 ? [] : [`CMD ${execForm(cmd)}`]),
  ];
}
