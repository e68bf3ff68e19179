import assert from 'node:assert/strict';
import test from 'node:test';
import { planTar, sizeOf, type TarItem } from './plan.ts';

const file = (path: string, size = 1): TarItem<string> => ({ kind: 'file', path, size, body: path });

/** The names of a plan's headers, as they stand in it. */
function headersOf(items: readonly TarItem<string>[], time = 0): Buffer {
  const plan = planTar(items, time);
  assert.ok(plan.ok, plan.ok ? '' : plan.error.problem);
  return Buffer.concat(plan.value.filter(one => one instanceof Uint8Array));
}

const refused: readonly { name: string; items: readonly TarItem<string>[]; path: string; problem: RegExp }[] =
  [
    { name: 'a path that comes twice', items: [file('a'), file('a')], path: 'a', problem: /comes twice/ },
    {
      name: 'a file that has others in it',
      items: [file('a'), file('a/b')],
      path: 'a',
      problem: /is a file, and has others in it/,
    },
    {
      name: 'a link that has others in it',
      items: [{ kind: 'link', path: 'a', target: 'b' }, file('a/b/c')],
      path: 'a',
      problem: /is a link, and has others/,
    },
    { name: 'a path that leads out', items: [file('a/../b')], path: 'a/../b', problem: /no path below/ },
    { name: 'an absolute path', items: [file('/a')], path: '/a', problem: /no path below/ },
    { name: 'an empty path', items: [file('')], path: '', problem: /no path below/ },
    {
      name: 'a folder with a slash',
      items: [{ kind: 'folder', path: 'a/' }],
      path: 'a/',
      problem: /no path/,
    },
    { name: 'half a character', items: [file('a\ud800')], path: 'a\ud800', problem: /is no text/ },
    {
      name: 'a whiteout',
      items: [file('a/.wh.b')],
      path: 'a/.wh.b',
      problem: /removes a file of the layers/,
    },
    {
      name: 'a link to nothing',
      items: [{ kind: 'link', path: 'a', target: '' }],
      path: 'a',
      problem: /link to no name/,
    },
  ];

for (const { name, items, path, problem } of refused)
  test(`${name} is in no layer`, () => {
    const plan = planTar(items, 0);
    assert.ok(!plan.ok);
    assert.equal(plan.error.path, path);
    assert.match(plan.error.problem, problem);
  });

test('folders come before what lies in them, once, though nobody named them', () => {
  const plan = planTar([file('a/b/c'), file('a-b'), { kind: 'folder', path: 'a' }, file('a/b/d')], 0);
  assert.ok(plan.ok);
  const blocks = Buffer.concat(plan.value.filter(one => one instanceof Uint8Array));
  const names = blocks.toString('latin1').match(/a[-/abcd]*(?=\0{50})/g);
  assert.deepEqual(names, ['a/', 'a-b', 'a/b/', 'a/b/c', 'a/b/d']);
});

test('the order that items come in makes no difference', () => {
  const items = [file('b'), file('a/c'), file('a/b'), { kind: 'folder', path: 'z' } as const];
  assert.deepEqual(planTar(items, 5), planTar(items.toReversed(), 5));
});

test('a header says nothing but the path, kind, size, mode and time', () => {
  const header = headersOf([{ ...file('bin/x', 10), isProgram: true } as TarItem<string>], 1_700_000_000)
    .subarray(512, 1024)
    .toString('latin1');
  assert.equal(header.slice(100, 148), '0000755\x000000000\x000000000\x0000000000012\x0014524770400\0');
  assert.equal(header.slice(156, 345), `0${'\0'.repeat(100)}ustar\x0000${'\0'.repeat(80)}`);
});

const names: readonly { name: string; path: string; hasRecords: boolean }[] = [
  { name: '100 bytes', path: 'x'.repeat(100), hasRecords: false },
  { name: '101 bytes without a slash', path: 'x'.repeat(101), hasRecords: true },
  { name: '155 and 100 bytes', path: `${'y'.repeat(155)}/${'x'.repeat(100)}`, hasRecords: false },
  { name: '156 and 100 bytes', path: `${'y'.repeat(156)}/${'x'.repeat(100)}`, hasRecords: true },
  { name: 'letters beyond ASCII', path: 'é', hasRecords: true },
];

for (const { name, path, hasRecords } of names)
  test(`a name of ${name} ${hasRecords ? 'needs a record' : 'fits in the header'}`, () => {
    const isTold = headersOf([file(path)])
      .toString('utf8')
      .includes(`path=${path}\n`);
    assert.equal(isTold, hasRecords);
  });

test('a file of more than 8 GiB has its size in a record, and the plan counts it', () => {
  const size = 8 * 2 ** 30;
  const items = [file('a', size)];
  assert.match(headersOf(items).toString('latin1'), /\n?\d+ size=8589934592\n/);
  assert.doesNotMatch(headersOf([file('a', size - 1)]).toString('latin1'), /size=/);
  const plan = planTar(items, 0);
  assert.ok(plan.ok);
  // Two blocks of a record, one of the header, and two at the end.
  assert.equal(sizeOf(plan.value), size + 5 * 512);
});
