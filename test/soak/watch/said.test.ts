import assert from 'node:assert/strict';
import test from 'node:test';
import { isInOrder } from './said.ts';

const cases = [
  { name: 'nothing', line: '', is: true },
  { name: 'a warning', line: '{"level":"warn","message":"slow"}', is: true },
  {
    name: 'the failure of a model',
    line: '{"level":"error","message":"request failed","code":"inference_failed"}',
    is: true,
  },
  { name: 'a broken file', line: '{"level":"error","message":"model not loaded","error":"x"}', is: true },
  {
    name: 'a broken file that a look found',
    line: '{"level":"error","message":"model not served","error":"x"}',
    is: true,
  },
  {
    name: 'a fault',
    line: '{"level":"error","message":"request failed","code":"internal","error":"a"}',
    is: false,
  },
  { name: "Node's own words", line: 'Uncaught Error: a', is: false },
  { name: 'a warning of Node', line: '(node:1) MaxListenersExceededWarning: a', is: false },
  { name: 'JSON that is no log line', line: '{"a":1}', is: false },
];

for (const { name, line, is } of cases) {
  test(`${name} is ${is ? '' : 'not '}in order on stderr`, () => assert.equal(isInOrder(line), is));
}
