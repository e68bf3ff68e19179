import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseMarker } from './marker.ts';
import { holds } from './marker-value.ts';
import { environmentOf } from './target.ts';

const environment = environmentOf({
  python: { minor: 11, version: '3.11.13' },
  architecture: 'arm64',
  libc: { kind: 'glibc', major: 2, minor: 36 },
});

/** As `packaging` 26.3 answers them there. */
const cases: readonly { marker: string; is: boolean; extra?: string }[] = [
  { marker: 'python_version >= "3.9"', is: true },
  { marker: "python_version < '3.9'", is: false },
  { marker: '"3.9" <= python_version', is: true },
  { marker: "python_full_version < '3.11.4'", is: false },
  { marker: "python_version == '3.11.*'", is: true },
  { marker: "python_version ~= '3.10'", is: true },
  { marker: "python_version in '3.10, 3.11'", is: true },
  { marker: "python_version not in '3.10, 3.12'", is: true },
  { marker: "sys_platform == 'win32'", is: false },
  { marker: "sys_platform != 'win32' and platform_machine == 'aarch64'", is: true },
  { marker: "platform_machine == 'x86_64' or platform_machine == 'amd64'", is: false },
  { marker: "os_name == 'nt' and python_version > '3' or platform_system == 'Linux'", is: true },
  { marker: "os_name == 'nt' and (python_version > '3' or platform_system == 'Linux')", is: false },
  { marker: "implementation_name == 'cpython' and platform_python_implementation == 'CPython'", is: true },
  {
    marker: "os.name == 'posix' and sys.platform == 'linux' and python_implementation == 'CPython'",
    is: true,
  },
  { marker: "platform_system > 'A'", is: false },
  { marker: "platform_system >= 'Linux'", is: true },
  { marker: "platform_release >= '5'", is: false },
  { marker: "'linux' != python_version", is: false },
  { marker: "extra == 'test'", is: false },
  { marker: "extra == 'Foo_Bar'", is: true, extra: 'foo-bar' },
  { marker: "python_version<'4'and(extra=='x')", is: true, extra: 'x' },
];

for (const { marker, is, extra = '' } of cases)
  test(`${marker} ${is ? 'holds' : 'does not hold'}${extra === '' ? '' : ` with the extra ${extra}`}`, () => {
    const read = parseMarker(marker);
    assert.ok(read.ok);
    assert.equal(holds(read.value, { ...environment, extra }), is);
  });

const broken = [
  '',
  'python_version',
  "python_version >= '3",
  "python >= '3'",
  "(os_name == 'nt'",
  "os_name == 'nt')",
  "'a' == 'b'",
];
for (const marker of [
  ...broken,
  'os_name == os_name',
  "os_name not 'nt'",
  "os_name == 'nt' and",
  "os_name == 'nt' os_name == 'nt'",
])
  test(`[${marker}] is no marker`, () => assert.equal(parseMarker(marker).ok, false));

test('parentheses without end are refused, and end nothing', () => {
  assert.equal(parseMarker(`${'('.repeat(100_000)}os_name == 'nt'`).ok, false);
});

test('any text is a marker or none, without error', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    ' and ',
    ' or ',
    'not ',
    'in ',
    'python_version',
    "'3'",
    '"x"',
    '<',
    '==',
    "'",
    '$',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece), pieces => {
      const read = parseMarker(pieces.join(''));
      if (read.ok) assert.equal(typeof holds(read.value, environment), 'boolean');
    }),
  );
});
