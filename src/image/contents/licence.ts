import { fieldsOf } from './installed.ts';

/**
 * Identifiers of the SPDX License List 3.2x that packages in images have. The list has hundreds more; what is not here is said not
 * to be known, which is true and does no harm, where a wrong identifier would.
 */
const LICENCES = new Set(
  `0BSD AFL-2.1 AFL-3.0 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0
  BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-LBNL BSD-4-Clause BSL-1.0 bzip2-1.0.6
  CC-BY-3.0 CC-BY-4.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 curl EPL-1.0 EPL-2.0 FSFAP FSFUL FTL GFDL-1.3-or-later GPL-1.0-or-later
  GPL-2.0 GPL-2.0+ GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0+ GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ISC LGPL-2.0
  LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1 LGPL-2.1+ LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later Libpng
  libtiff MIT MIT-0 MIT-CMU MPL-1.1 MPL-2.0 MS-PL NCSA NTP OFL-1.1 OpenSSL PSF-2.0 Python-2.0 Python-2.0.1 Ruby SMLNJ
  TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C WTFPL X11 Zlib zlib-acknowledgement ZPL-2.1`.split(
    /\s+/,
  ),
);

const EXCEPTIONS = new Set(
  `Autoconf-exception-3.0 Bison-exception-2.2 Classpath-exception-2.0 GCC-exception-2.0 GCC-exception-3.1 Linux-syscall-note
  LLVM-exception OpenSSL-exception`.split(/\s+/),
);

/** Identifiers are the same in any case, and written in one: SPDX 2.3, annex D.2. Operators are not. */
const WRITTEN = new Map([...LICENCES, ...EXCEPTIONS].map(one => [one.toLowerCase(), one]));

/** What a licence is called by those who wrote it before there were identifiers. Only what can mean one thing. */
const CALLED: Readonly<Record<string, string>> = {
  'apache 2.0': 'Apache-2.0',
  'apache license 2.0': 'Apache-2.0',
  'apache license, version 2.0': 'Apache-2.0',
  'apache software license 2.0': 'Apache-2.0',
  'isc license': 'ISC',
  'mit license': 'MIT',
  'the mit license': 'MIT',
  'new bsd': 'BSD-3-Clause',
  'new bsd license': 'BSD-3-Clause',
  '3-clause bsd license': 'BSD-3-Clause',
  'bsd 3-clause': 'BSD-3-Clause',
  'bsd 3-clause license': 'BSD-3-Clause',
  'bsd-3-clause license': 'BSD-3-Clause',
  'modified bsd license': 'BSD-3-Clause',
  'simplified bsd': 'BSD-2-Clause',
  'mozilla public license 2.0': 'MPL-2.0',
  'mpl 2.0': 'MPL-2.0',
  'python software foundation license': 'PSF-2.0',
  'the unlicense (unlicense)': 'Unlicense',
};

/** Classifiers of PyPI that name one licence; the others name a family. */
const CLASSIFIED: Readonly<Record<string, string>> = {
  'MIT License': 'MIT',
  'ISC License (ISCL)': 'ISC',
  'Mozilla Public License 2.0 (MPL 2.0)': 'MPL-2.0',
  'GNU General Public License v2 (GPLv2)': 'GPL-2.0-only',
  'GNU General Public License v3 (GPLv3)': 'GPL-3.0-only',
  'GNU General Public License v2 or later (GPLv2+)': 'GPL-2.0-or-later',
  'GNU General Public License v3 or later (GPLv3+)': 'GPL-3.0-or-later',
  'GNU Lesser General Public License v2 or later (LGPLv2+)': 'LGPL-2.0-or-later',
  'GNU Lesser General Public License v3 (LGPLv3)': 'LGPL-3.0-only',
  'GNU Lesser General Public License v3 or later (LGPLv3+)': 'LGPL-3.0-or-later',
  'The Unlicense (Unlicense)': 'Unlicense',
  'zlib/libpng License': 'Zlib',
};

const MOST_TEXT = 1000;
const TOKEN = /\s*(\(|\)|[A-Za-z0-9.+-]+)/y;

/**
 * The licence as SPDX writes it (SPDX 2.3, annex D), where a text is such an expression of identifiers that are known here, or a
 * name that can mean only one. Undefined for anything else.
 */
export function spdxLicence(text: string | undefined): string | undefined {
  const plain = text?.trim() ?? '';
  if (plain === '' || plain.length > MOST_TEXT) return undefined;
  const called = plain.toLowerCase();
  if (Object.hasOwn(CALLED, called)) return CALLED[called];
  const tokens = tokensOf(plain);
  return tokens !== undefined && endOf(tokens, 0) === tokens.length ? written(tokens) : undefined;
}

/** Of a package of Python: its expression, what it calls its licence, or the one classifier that names one. */
export function licenceOfMetadata(head: string): string | undefined {
  const fields = fieldsOf(head);
  const said = spdxLicence(fields.get('license-expression')) ?? spdxLicence(fields.get('license'));
  const classifiers = [...head.matchAll(/^Classifier: License :: (?:OSI Approved :: )?(.+?)\s*$/gm)];
  const [only, ...others] = classifiers.map(([, name = '']) => name).filter(name => name !== 'OSI Approved');
  if (said !== undefined || only === undefined || others.length > 0) return said;
  return Object.hasOwn(CLASSIFIED, only) ? CLASSIFIED[only] : undefined;
}

function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) return undefined;
    tokens.push(WRITTEN.get(token.toLowerCase()) ?? token);
  }
  return tokens;
}

/** Where an expression that begins at a token ends: terms with AND and OR between. Undefined where none begins. */
function endOf(tokens: readonly string[], start: number): number | undefined {
  let at = termEnd(tokens, start);
  while (at !== undefined && (tokens[at] === 'AND' || tokens[at] === 'OR')) at = termEnd(tokens, at + 1);
  return at;
}

function termEnd(tokens: readonly string[], at: number): number | undefined {
  const token = tokens[at] ?? '';
  if (token === '(') {
    const end = endOf(tokens, at + 1);
    return end !== undefined && tokens[end] === ')' ? end + 1 : undefined;
  }
  if (!LICENCES.has(token)) return undefined;
  if (tokens[at + 1] !== 'WITH') return at + 1;
  return EXCEPTIONS.has(tokens[at + 2] ?? '') ? at + 3 : undefined;
}

function written(tokens: readonly string[]): string {
  return tokens.join(' ').replaceAll('( ', '(').replaceAll(' )', ')');
}
