import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences under which code may be passed on inside this package. Another one is a decision for people. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/**
 * Packages whose makers left their licence file out, and one by the same makers, under the same licence, that has it. Checked by
 * hand: that of each is named in its package.json.
 */
const SISTERS: Readonly<Record<string, string>> = {
  '@aws-sdk/credential-provider-http': '@aws-sdk/client-s3',
  '@aws-sdk/credential-provider-login': '@aws-sdk/client-s3',
  '@aws-sdk/nested-clients': '@aws-sdk/client-s3',
  '@nodable/entities': 'fast-xml-parser',
  '@sigstore/verify': '@sigstore/core',
};

const FILES = /^(?:licen[cs]e|notice|copying)(?:[.-].*)?$/i;

/** What esbuild tells of a bundle, as far as it is used here. */
export interface Bundle {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>
  >;
}

/** The folders of the packages whose code is in a bundle, from the root, sorted. */
export function bundledPackages({ outputs }: Bundle): string[] {
  const inputs = Object.values(outputs).flatMap(output => Object.entries(output.inputs));
  const packages = inputs.flatMap(([path, { bytesInOutput }]) => {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    return folder === undefined || bytesInOutput === 0 ? [] : [folder];
  });
  return [...new Set(packages)].toSorted();
}

/** The licences of packages as one text. Throws for a package without one, or with one that is not allowed. */
export function licenceText(root: string, folders: readonly string[]): string {
  const parts = folders.map(folder => licenceOf(root, join(root, folder)));
  return `This package contains code of the packages below, under their licences.\n\n${parts.join('\n')}`;
}

/** Their names, versions and licences: what a bill of materials says of the bundle. By name and version, each once. */
export function packageList(root: string, folders: readonly string[]): readonly Package[] {
  const all = folders.map(folder => {
    const { name, version, license } = packageIn(join(root, folder));
    return [`${name} ${version}`, { name, version, ...(license !== undefined && { license }) }] as const;
  });
  return [...new Map(all)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

function licenceOf(root: string, folder: string): string {
  const { name, version, license } = packageIn(folder);
  if (license === undefined || !ALLOWED.includes(license))
    throw new Error(`${name} has the licence ${license ?? '(none)'}, which is not in scripts/licences.ts`);
  const own = textsIn(folder);
  const told = own.length > 0 ? own : textInReadme(folder);
  const texts = told.length > 0 ? told : textsOfSister(root, name, license);
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
}

function packageIn(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
}

function textsIn(folder: string): string[] {
  const files = readdirSync(folder).filter(file => FILES.test(file));
  return files.toSorted().map(file => readFileSync(join(folder, file), 'utf8').trim());
}

/** Some have the whole of it at the end of what they say of themselves; a link to it is not the words. */
function textInReadme(folder: string): string[] {
  const readme = join(folder, 'README.md');
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
  const section = /^(?:#+ *)?Licen[cs]e *$[\s\S]*/im.exec(text)?.[0] ?? '';
  return /Copyright[\s\S]*Permission is hereby granted/.test(section) ? [section.trim()] : [];
}

function textsOfSister(root: string, name: string, license: string): string[] {
  const sister = SISTERS[name];
  const folder = join(root, 'node_modules', sister ?? '');
  const isSame = sister !== undefined && packageIn(folder).license === license;
  const texts = isSame ? textsIn(folder) : [];
  if (texts.length === 0) throw new Error(`${name} has no licence file`);
  return texts;
}
