import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { entriesOf } from './zip.ts';

interface File {
  readonly name: string;
  readonly text: string;
  readonly method: 0 | 8 | 12;
}

/** An archive of files, as far as the reader looks at it. */
function archive(files: readonly File[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, text, method } of files) {
    const packed = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.write('PK\u0003\u0004', 'latin1');
    local.writeUInt16LE(name.length, 26);
    locals.push(local, Buffer.from(name), packed);
    const entry = Buffer.alloc(46);
    entry.write('PK\u0001\u0002', 'latin1');
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(text.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    directory.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

const long = 'deflated '.repeat(50);

test('gives stored and deflated files as they were', () => {
  const entries = entriesOf(
    archive([
      { name: 'a', text: 'stored', method: 0 },
      { name: 'b/c', text: long, method: 8 },
    ]),
  );
  assert.deepEqual(
    entries.map(({ name, read }) => [name, read().toString()]),
    [
      ['a', 'stored'],
      ['b/c', long],
    ],
  );
});

test('another compression is named', () => {
  const [entry] = entriesOf(archive([{ name: 'a', text: 'x', method: 12 }]));
  assert.throws(() => entry?.read(), /compression 12/);
});

test('what is no archive, or half of one, is refused', () => {
  const whole = archive([{ name: 'a', text: long, method: 8 }]);
  assert.throws(() => entriesOf(Buffer.from('no archive')), /no directory/);
  assert.throws(() => entriesOf(whole.subarray(0, -30)), /no directory/);
  assert.throws(() => entriesOf(whole.subarray(9)), /begins no entry|out of range/);
});
