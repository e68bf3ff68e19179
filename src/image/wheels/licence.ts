/** Licences as SPDX writes them. */

/** Those that Python's packages have, as others wrote them before there was a field for an expression. */
const WRITTEN: Readonly<Record<string, string>> = {
  '3-clause bsd license': 'BSD-3-Clause',
  'apache 2.0': 'Apache-2.0',
  'apache license 2.0': 'Apache-2.0',
  'apache license, version 2.0': 'Apache-2.0',
  'apache software license': 'Apache-2.0',
  'apache software license 2.0': 'Apache-2.0',
  'bsd 3-clause': 'BSD-3-Clause',
  'bsd 3-clause license': 'BSD-3-Clause',
  'bsd-3-clause license': 'BSD-3-Clause',
  'isc license': 'ISC',
  'isc license (iscl)': 'ISC',
  'mit license': 'MIT',
  'mozilla public license 2.0 (mpl 2.0)': 'MPL-2.0',
  'mpl 2.0': 'MPL-2.0',
  'python software foundation license': 'PSF-2.0',
  'the unlicense (unlicense)': 'Unlicense',
};

const KNOWN: readonly string[] =
  '0BSD AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT MIT-0 MIT-CMU MPL-2.0 NCSA PSF-2.0 Python-2.0 Unlicense Zlib ZPL-2.1'.split(
    ' ',
  );

/** Of `License-Expression` as it stands, or of what else tells one; undefined where it would be a guess, as of `BSD`. */
export function licenceOf(
  expression: string | undefined,
  field: string | undefined,
  classifiers: readonly string[],
): string | undefined {
  if (expression !== undefined && isExpression(expression)) return expression;
  const told = field === undefined ? undefined : named(field);
  if (told !== undefined) return told;
  const classified = classifiers
    .filter(one => one.startsWith('License :: '))
    .map(one => named(one.split(' :: ').at(-1) ?? ''));
  const [only] = classified;
  return classified.length === 1 ? only : undefined;
}

/** Names and the words between them, whatever they are: SPDX specification, "SPDX license expressions". */
function isExpression(text: string): boolean {
  return /^[\w.+()-]+(?: [\w.+()-]+)*$/.test(text) && text.length <= 200;
}

function named(text: string): string | undefined {
  const parts = text.trim().split(/ (?:AND|OR) /);
  if (parts.every(part => KNOWN.includes(part))) return text.trim();
  const lower = text.trim().toLowerCase();
  return WRITTEN[lower] ?? KNOWN.find(one => one.toLowerCase() === lower);
}
