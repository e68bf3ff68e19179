import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Choose, writeText } from './fixtures/text-writer.ts';
import { arbitraryMessage } from './message.arbitrary.ts';
import { ModelConfig } from './model-config.ts';
import { enumeration, type Fields, type MessageType, map, message, oneof, repeated } from './schema.ts';
import { ModelServerConfig } from './serving-config.ts';
import { faultText, MOST_TEXT, readText } from './text-format.ts';

const Colour = enumeration('shop.Colour', { NONE: 0, RED: 1, BLUE: 7 });
const Part = message('shop.Part', { name: [1, 'string'], sizes: [2, repeated('double')] });
const fields: Record<string, Fields[string]> = {
  name: [1, 'string'],
  raw: [2, 'bytes'],
  ratio: [3, 'double'],
  half: [4, 'float'],
  small: [5, 'int32'],
  count: [6, 'uint32'],
  big: [7, 'int64'],
  huge: [8, 'uint64'],
  on: [9, 'bool'],
  colour: [10, Colour],
  part: [11, Part],
  parts: [12, repeated(Part)],
  flags: [13, repeated('bool')],
  names: [14, repeated('string')],
  numbers: [15, repeated('int64')],
  colours: [16, repeated(Colour)],
  by_name: [17, map('string', Part)],
  by_number: [18, map('int64', 'string')],
  choice: oneof({ left: [19, 'int32'], right: [20, Part] }),
};
/** A message of every kind of field, and of itself. */
const Every: MessageType = message('shop.Every', fields);
fields['inner'] = [21, Every];

function read(text: string): Record<string, unknown> {
  const result = readText(Every, text);
  if (!result.ok) assert.fail(faultText('it', result.error));
  return result.value.message;
}

function fault(text: string): string {
  const result = readText(Every, text);
  assert.ok(!result.ok, `it was read: ${text}`);
  return faultText('it', result.error);
}

const values: readonly { text: string; gives: Record<string, unknown> }[] = [
  { text: 'name: "a"', gives: { name: 'a' } },
  { text: "name:'a\"b'", gives: { name: 'a"b' } },
  { text: 'name: "a" \'b\' # and\n "c"', gives: { name: 'abc' } },
  { text: '# nothing', gives: {} },
  {
    text: String.raw`name: "\a\b\f\n\r\t\v\?\\\'\""`,
    gives: { name: `\u0007\b\f\n\r\t\v?\\'"` },
  },
  { text: String.raw`name: "\1011\x41\x4a2\u00e4\U0001f600"`, gives: { name: 'A1AJ2ä😀' } },
  { text: String.raw`name: "\ud83d\ude00 \303\244"`, gives: { name: '😀 ä' } },
  { text: String.raw`raw: "\000\xff\377"`, gives: { raw: Buffer.from([0, 255, 255]) } },
  { text: 'ratio: 1.5', gives: { ratio: 1.5 } },
  { text: 'ratio: -.5e+1F', gives: { ratio: -5 } },
  { text: 'ratio: 10f', gives: { ratio: 10 } },
  { text: 'ratio: - # minus\n 3', gives: { ratio: -3 } },
  { text: 'ratio: -inf', gives: { ratio: -Infinity } },
  { text: 'ratio: INFINITY', gives: { ratio: Infinity } },
  { text: 'ratio: 1e999', gives: { ratio: Infinity } },
  { text: 'ratio: nan', gives: { ratio: Number.NaN } },
  { text: 'half: 0.1', gives: { half: Math.fround(0.1) } },
  { text: 'small: -2147483648', gives: { small: -(2 ** 31) } },
  { text: 'small: 017', gives: { small: 15 } },
  { text: 'count: 0xffffffff', gives: { count: 2 ** 32 - 1 } },
  { text: 'big: -0x8000000000000000', gives: { big: -(2n ** 63n) } },
  { text: 'huge: 18446744073709551615', gives: { huge: 2n ** 64n - 1n } },
  { text: 'on: t', gives: { on: true } },
  { text: 'on: True', gives: { on: true } },
  { text: 'on: 0x1', gives: { on: true } },
  { text: 'on: 0', gives: { on: false } },
  { text: 'colour: BLUE', gives: { colour: 7 } },
  { text: 'colour: 3', gives: { colour: 3 } },
  { text: 'part { name: "a"; sizes: 1, }', gives: { part: { name: 'a', sizes: Float64Array.of(1) } } },
  { text: 'part: < name: "a" >', gives: { part: { name: 'a', sizes: new Float64Array() } } },
  { text: 'flags: [true, 0] flags: t', gives: { flags: Uint8Array.of(1, 0, 1) } },
  { text: 'names: [] names: "a" names: ["b", "c" "d"]', gives: { names: ['a', 'b', 'cd'] } },
  { text: 'numbers: [1, -2]; numbers: 3,', gives: { numbers: BigInt64Array.of(1n, -2n, 3n) } },
  { text: 'parts [{ name: "a" }, < >]', gives: { parts: [part('a'), part('')] } },
  { text: 'by_name { value { name: "b" } key: "a" }', gives: { by_name: new Map([['a', part('b')]]) } },
  { text: 'by_name: { key: "a" }', gives: { by_name: new Map([['a', part('')]]) } },
  { text: 'by_number [{ key: 1 }]', gives: { by_number: new Map([[1n, '']]) } },
  {
    text: 'by_number { key: 1 value: "a" } by_number { key: 1 value: "b" }',
    gives: { by_number: new Map([[1n, 'b']]) },
  },
  { text: 'left: 4', gives: { choice: { case: 'left', value: 4 } } },
  { text: 'right { }', gives: { choice: { case: 'right', value: part('') } } },
];

function part(name: string): Record<string, unknown> {
  return { name, sizes: new Float64Array() };
}

for (const { text, gives } of values) {
  test(`${JSON.stringify(text)} is read`, () => {
    const found = read(text);
    for (const [name, value] of Object.entries(gives)) assert.deepEqual(found[name], value);
    const others = Object.keys(found).filter(name => !(name in gives));
    const empty = read('');
    for (const name of others) assert.deepEqual(found[name], empty[name]);
  });
}

const faults: readonly { text: string; problem: RegExp }[] = [
  { text: 'nam: "a"', problem: /^it:1:1: expected a field of shop.Every, 'name' perhaps, found 'nam'$/ },
  { text: '\n  part { nome: 1 }', problem: /^it:2:10: expected a field of shop.Part, 'name' perhaps/ },
  { text: 'constructor: 1', problem: /expected a field of shop.Every, found 'constructor'/ },
  { text: 'name "a"', problem: /^it:1:6: expected ':' behind 'name', found "a"$/ },
  { text: 'name: a', problem: /expected a string in quotes, found 'a'/ },
  { text: 'name: "a\n"', problem: /^it:1:7: expected " at the end of a string, before the line ends/ },
  {
    text: 'name: "a\\\n" small: [1.0f]',
    problem: /^it:1:7: expected " at the end of a string, before the line ends/,
  },
  { text: String.raw`name: "\q"`, problem: /expected an escape, found '\\q'/ },
  { text: String.raw`name: "\400"`, problem: /expected an escape of a byte, found '\\400'/ },
  { text: String.raw`name: "\ud83d"`, problem: /expected an escape of a character/ },
  { text: String.raw`name: "\U00110000"`, problem: /expected an escape of a character/ },
  { text: String.raw`name: "\xff"`, problem: /expected UTF-8 text/ },
  { text: 'small: 2147483648', problem: /whole number from -2147483648 to 2147483647, found 2147483648/ },
  { text: 'count: -1', problem: /whole number from 0 to 4294967295, found -1/ },
  { text: 'big: 1.5', problem: /whole number from .*, found '1.5'/ },
  { text: 'big: "1"', problem: /whole number from .*, found "1"/ },
  { text: `huge: 1${'0'.repeat(100_000)}`, problem: /whole number from 0 to 18446744073709551615/ },
  { text: 'small: 089', problem: /expected a number, found '089'/ },
  { text: 'ratio: 010', problem: /expected a number, found '010'/ },
  { text: 'ratio: 0x10', problem: /expected a number, found '0x10'/ },
  { text: 'ratio: 1.5abc', problem: /expected a space behind a number, found '1.5abc'/ },
  { text: 'ratio: infinite', problem: /expected a number, found 'infinite'/ },
  { text: 'on: 2', problem: /expected true or false, found '2'/ },
  { text: 'on: TRUE', problem: /expected true or false, found 'TRUE'/ },
  { text: 'colour: BLU', problem: /expected a name of shop.Colour, BLUE perhaps, found 'BLU'/ },
  { text: 'colour: 1.5', problem: /expected a name of shop.Colour, found '1.5'/ },
  { text: 'name: "a" name: "b"', problem: /^it:1:11: expected 'name' once, found it again$/ },
  { text: 'part {} part {}', problem: /expected 'part' once/ },
  { text: 'left: 1 right {}', problem: /^it:1:9: expected only one of 'left' and 'right'$/ },
  { text: 'name: ["a"]', problem: /expected a string in quotes, found '\['/ },
  { text: 'names: ["a",]', problem: /expected a string in quotes, found '\]'/ },
  { text: 'names: ["a"', problem: /expected ',' or '\]', found the end/ },
  { text: 'part { name: "a"', problem: /expected a field or '}', found the end/ },
  { text: 'part { name: "a" >', problem: /expected a field of shop.Part, found '>'/ },
  { text: 'part: 1', problem: /expected '{', found '1'/ },
  { text: '}', problem: /expected a field of shop.Every, found '}'/ },
  { text: 'name: "a" ]', problem: /found '\]'/ },
  { text: '[shop.more]: 1', problem: /expected a field of shop.Every, found '\['/ },
  { text: 'name: "a" %', problem: /^it:1:11: expected a field or a value, found '%'$/ },
  { text: 'inner {'.repeat(101), problem: /nested at most 100 deep/ },
  { text: ' '.repeat(MOST_TEXT + 1), problem: /expected at most 1048576 characters/ },
];

for (const { text, problem } of faults)
  test(`${JSON.stringify(text).slice(0, 60)} is refused with its place`, () => {
    assert.match(fault(text), problem);
  });

test('as many messages may be nested as bytes allow', () => {
  read(`${'inner {'.repeat(99)}${'}'.repeat(99)}`);
});

test('each field that is there is told by its path, with its place and its text', () => {
  const text = `name: "a" 'b'
parts { name: "x" sizes: [1, 2] sizes: 3 }
parts { }
by_name { key: "k" value { name: "" } }
right { sizes: 1e0 }
numbers: [0] small: 0`;
  const result = readText(Every, text);
  assert.ok(result.ok);
  const told = [...result.value.written].map(([path, { line, column, text: value, initial }]) => [
    path,
    `${line}:${column}`,
    value,
    initial,
  ]);
  assert.deepEqual(told, [
    ['name', '1:1', `"a" 'b'`, false],
    ['parts[0]', '2:1', '', false],
    ['parts[0].name', '2:9', '"x"', false],
    ['parts[0].sizes', '2:19', '1, 2, 3', false],
    ['parts[1]', '3:1', '', false],
    ['by_name["k"]', '4:1', '', false],
    ['by_name["k"].name', '4:28', '""', true],
    ['right', '5:1', '', false],
    ['right.sizes', '5:9', '1e0', false],
    ['numbers', '6:1', '0', false],
    ['small', '6:14', '0', true],
  ]);
});

test('a member of a oneof says something even where it holds nothing', () => {
  const result = readText(Every, 'left: 0');
  assert.ok(result.ok);
  assert.deepEqual(result.value.written.get('left'), { line: 1, column: 1, text: '0', initial: false });
});

test('an entry of a map that another replaces is told', () => {
  const result = readText(Every, 'by_number { key: 1 value: "a" }\nby_number { key: 1 value: "b" }');
  assert.ok(result.ok);
  assert.deepEqual(
    result.value.replaced.map(([path, { line, text }]) => [path, line, text]),
    [['by_number[1]', 1, '"a"']],
  );
});

test('a message of any type is passed over, whatever is in it', () => {
  const text = 'custom_model_config { [type.example.com/my.Config] { a: [1, { b: "}" }] c < d: 1 > } }';
  const result = readText(ModelServerConfig, text);
  assert.ok(result.ok);
  assert.deepEqual(result.value.message.config, {
    case: 'custom_model_config',
    value: { type_url: 'type.example.com/my.Config', value: Buffer.alloc(0) },
  });
  for (const broken of ['{', '[type', '[type.example.com/a] { ', '[a/b] { { }', '[a/b] 1'])
    assert.equal(readText(ModelServerConfig, `custom_model_config { ${broken}`).ok, false, broken);
});

/** A writer's choices, from numbers that fast-check can shrink. */
function chooser(numbers: readonly number[]): Choose {
  let at = 0;
  return ways => (numbers[at++ % numbers.length] ?? 0) % ways;
}

const style = fc.array(fc.nat(41), { minLength: 1, maxLength: 50 });

for (const type of [ModelConfig, ModelServerConfig, Part]) {
  test(`${type.name}: what is written in any way is read back`, () => {
    fc.assert(
      fc.property(arbitraryMessage(type), style, (value, numbers) => {
        const text = writeText(type, value, chooser(numbers));
        const result = readText(type, text);
        if (!result.ok) assert.fail(`${faultText('it', result.error)}\n${text}`);
        assert.deepEqual(result.value.message, value);
      }),
    );
  });

  test(`${type.name}: whatever the text, it is read or refused with a place in it`, () => {
    fc.assert(
      fc.property(mutated(type), text => readsOrRefuses(type, text)),
      { numRuns: 300 },
    );
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => readsOrRefuses(type, text)));
  });
}

const marks = '{ } < > [ ] : , ; " \' \\ - . 0x 09 1e # name input dims nan true \\x \\U'.split(' ');
const pieces = fc.constantFrom(...marks, '\n', ' ', '\ud800', '\0');

/** A text of a message with some of it changed, left out, or there twice. */
function mutated(type: MessageType): fc.Arbitrary<string> {
  const edit = fc.record({ at: fc.nat(), remove: fc.nat(4), insert: pieces });
  return fc
    .tuple(arbitraryMessage(type), style, fc.array(edit, { maxLength: 4 }))
    .map(([value, ways, edits]) => {
      let text = writeText(type, value, chooser(ways));
      for (const { at, remove, insert } of edits) {
        const from = at % (text.length + 1);
        text = `${text.slice(0, from)}${insert}${text.slice(from + remove)}`;
      }
      return text;
    });
}

function readsOrRefuses(type: MessageType, text: string): void {
  const result = readText(type, text);
  if (result.ok) return;
  const { line, column, problem } = result.error;
  const lines = text.split('\n');
  assert.match(problem, /^expected /);
  assert.ok(line >= 1 && line <= lines.length, `line ${line}`);
  assert.ok(column >= 1 && column <= (lines[line - 1] ?? '').length + 1, `column ${column}`);
}

test('a text of the greatest length is read or refused, whatever it repeats', () => {
  const parts = [
    'inner{',
    'name',
    '1',
    '"',
    '\\',
    '[',
    '-',
    '#',
    ' ',
    'parts<>',
    'names:"a"',
    '"a"',
    'numbers:1 ',
  ];
  for (const one of parts)
    for (const before of ['', 'numbers: ', 'name: "'])
      readsOrRefuses(Every, `${before}${one.repeat(Math.floor((MOST_TEXT - 9) / one.length))}`);
});
