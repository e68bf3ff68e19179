import assert from 'node:assert/strict';
import test from 'node:test';
import { TOO_DEEP, yamlProblem } from './wording.ts';

const said: readonly { message: string; problem: string }[] = [
  { message: 'Maximum call stack size exceeded', problem: TOO_DEEP },
  { message: 'Invalid regular expression: /^[-+]?[0-9]+$/: Stack overflow', problem: TOO_DEEP },
  { message: 'Map keys must be unique', problem: 'Map keys must be unique' },
];

for (const { message, problem } of said) {
  test(`'${message}' is told as '${problem}'`, () => assert.equal(yamlProblem(message), problem));
}
