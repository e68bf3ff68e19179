import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AppError } from '#base';
import { MOST_MEMBERS, Scanner } from './scanner.ts';

function accepts(text: string): boolean {
  try {
    const scanner = new Scanner(Buffer.from(text));
    scanner.skip();
    scanner.end();
    return true;
  } catch (error: unknown) {
    assert(error instanceof AppError && error.code === 'body_malformed');
    return false;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('takes every JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 20 }), value => assert(accepts(JSON.stringify(value, null, 1)))),
  );
});

test('takes and refuses the same texts as JSON.parse, but for the number tokens JSON lacks', () => {
  const piece = fc.constantFrom(
    ...'{}[]:,"0123456789.-+eE \n\t\\utrbnfalsx/'.split(''),
    '"a"',
    '"\\u00e9"',
    'true',
    'null',
    '1.5e3',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const text = pieces.join('');
      assert.equal(accepts(text), isJson(text), text);
    }),
    { numRuns: 5000 },
  );
});

test('takes and refuses the same texts as JSON.parse when one byte of a document is changed', () => {
  const document = fc.jsonValue({ maxDepth: 4 }).map(value => JSON.stringify(value));
  fc.assert(
    fc.property(document, fc.nat(), fc.constantFrom(...'{}[]:,"01-.e \\x'.split('')), (text, at, letter) => {
      const changed = text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1);
      assert.equal(accepts(changed), isJson(changed), changed);
    }),
    { numRuns: 3000 },
  );
});

const refused: readonly { name: string; bytes: Buffer; says: RegExp }[] = [
  { name: 'nothing', bytes: Buffer.from(''), says: /ends where a value/ },
  { name: 'a byte order mark', bytes: Buffer.from('\ufeff{}'), says: /a value was expected at byte 0/ },
  { name: 'half a million brackets', bytes: Buffer.alloc(500_000, '['), says: /deeper than 100/ },
  { name: 'a byte that is not UTF-8', bytes: Buffer.from([0x22, 0xff, 0x22]), says: /not UTF-8/ },
  { name: 'a raw line break in a string', bytes: Buffer.from('"a\nb"'), says: /control character/ },
  { name: 'a broken \\u escape', bytes: Buffer.from('"\\u12g4"'), says: /hexadecimal/ },
  { name: 'a needless zero', bytes: Buffer.from('01'), says: /needless 0/ },
  { name: 'an open string', bytes: Buffer.from('"abc'), says: /inside a string/ },
  { name: 'two values', bytes: Buffer.from('1 2'), says: /more text/ },
];

for (const { name, bytes, says } of refused) {
  test(`refuses ${name}, saying where`, () => {
    assert.throws(() => {
      const scanner = new Scanner(bytes);
      scanner.skip();
      scanner.end();
    }, says);
  });
}

test('allows a nesting of 100 and refuses 101', () => {
  assert(accepts('['.repeat(100) + ']'.repeat(100)));
  assert(!accepts('['.repeat(101) + ']'.repeat(101)));
});

test('refuses a member that is there twice', () => {
  const scanner = new Scanner(Buffer.from('{"a":1,"a":2}'));
  assert.throws(() => scanner.object(() => scanner.skip()), /"a" is there twice/);
});

test('visits an object of 1,000 members and refuses one more, saying where', () => {
  const members = Array.from({ length: MOST_MEMBERS }, (_, index) => `"${index}":0`).join(',');
  let visited = 0;
  const visit = (text: string): void => {
    const scanner = new Scanner(Buffer.from(text));
    scanner.object(() => (visited++, scanner.skip()));
  };
  visit(`{${members}}`);
  assert.equal(visited, MOST_MEMBERS);
  assert.throws(() => visit(`{${members},"more":0}`), {
    code: 'body_malformed',
    message: `the body is not valid JSON: an object has more than 1000 members at byte ${members.length + 2}`,
  });
});
