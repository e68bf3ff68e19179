import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AppError, catalogue, type ErrorCode } from '#base';
import { percentEncode, RpcStatus, rpcStatusOf } from './status.ts';

for (const [text, encoded] of [
  ['', ''],
  ['plain text, with: signs!', 'plain text, with: signs!'],
  ['100 %', '100 %25'],
  [' both ends ', '%20both ends%20'],
  [' ', '%20'],
  ['two\r\nlines', 'two%0D%0Alines'],
  ['é', '%C3%A9'],
  ['😀', '%F0%9F%98%80'],
  ['half \ud83d', 'half %EF%BF%BD'],
] as const) {
  test(`${JSON.stringify(text)} is sent as '${encoded}'`, () => assert.equal(percentEncode(text), encoded));
}

test('every text comes back, and is such as a header may carry', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
      const encoded = percentEncode(text);
      assert.match(encoded, /^(?:[!-~](?:[ -~]*[!-~])?)?$/);
      assert.equal(decodeURIComponent(encoded), text.toWellFormed());
    }),
  );
});

test('a long text is cut between characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 4000, maxLength: 5000 }), text => {
      const encoded = percentEncode(text);
      assert.ok(encoded.length <= 4003);
      assert.ok(text.toWellFormed().startsWith(decodeURIComponent(encoded.replace(/\.\.\.$/, ''))));
    }),
    { numRuns: 20 },
  );
});

const codes = Object.keys(catalogue) as ErrorCode[];

test('every error has a status that says it failed', () => {
  for (const code of codes) assert.notEqual(rpcStatusOf(new AppError(code, '', {})), RpcStatus.ok, code);
});

for (const [code, status] of [
  ['input_invalid', RpcStatus.invalidArgument],
  ['model_unknown', RpcStatus.notFound],
  ['path_unknown', RpcStatus.unimplemented],
  ['rpc_malformed', RpcStatus.internal],
  ['body_too_large', RpcStatus.resourceExhausted],
  ['overloaded', RpcStatus.unavailable],
  ['draining', RpcStatus.unavailable],
  ['deadline_exceeded', RpcStatus.deadlineExceeded],
  ['client_gone', RpcStatus.cancelled],
  ['internal', RpcStatus.internal],
] as const) {
  test(`${code} is status ${status}`, () => assert.equal(rpcStatusOf(new AppError(code, '', {})), status));
}
