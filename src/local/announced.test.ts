import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announced, type ServerAddress } from './announced.ts';

const HTTP = 'http://127.0.0.1:4001';
const GRPC = 'grpc://127.0.0.1:4002';

for (const [name, lines, grpc, ports] of [
  ['one address', [HTTP], false, ['4001', undefined]],
  ['two addresses', [HTTP, GRPC], true, ['4001', '4002']],
  ['what follows is not looked at', [HTTP, GRPC, 'and more'], true, ['4001', '4002']],
  ['spaces around them', [` ${HTTP} `, GRPC], true, ['4001', '4002']],
] as const) {
  test(`an announcement: ${name}`, () => {
    const found = announced(lines, grpc) as ServerAddress;
    assert.deepEqual([found.http.port, found.grpc?.port], ports);
  });
}

for (const [name, lines, grpc] of [
  ['nothing', [], false],
  ['the second line is missing', [HTTP], true],
] as const) {
  test(`an announcement that is not whole: ${name}`, () => assert.equal(announced(lines, grpc), undefined));
}

for (const [name, lines, printed] of [
  ['text', ['hello there'], 'hello there'],
  ['no port', ['http://127.0.0.1/'], 'http://127.0.0.1/'],
  ['another scheme', ['ftp://127.0.0.1:1'], 'ftp://127.0.0.1:1'],
  ['the second is HTTP again', [HTTP, HTTP], HTTP],
] as const) {
  test(`an announcement that is none: ${name}`, () =>
    assert.equal(announced(lines, true), `it printed '${printed}' where its address should be`));
}
