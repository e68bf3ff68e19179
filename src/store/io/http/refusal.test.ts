import assert from 'node:assert/strict';
import test from 'node:test';
import type { ErrorCode } from '#base';
import { problemOf, refusal, retryAfter } from './refusal.ts';

const codes: readonly (readonly [number, ErrorCode, ErrorCode?])[] = [
  [400, 'source_invalid'],
  [401, 'source_refused'],
  [403, 'source_refused'],
  [404, 'source_missing'],
  [407, 'source_refused'],
  [408, 'source_unavailable'],
  [410, 'source_missing'],
  [412, 'source_invalid', 'source_changed'],
  [416, 'source_invalid', 'source_changed'],
  [418, 'source_invalid'],
  [425, 'source_unavailable'],
  [429, 'source_unavailable'],
  [500, 'source_unavailable'],
  [503, 'source_unavailable'],
  [599, 'source_unavailable'],
  [204, 'source_invalid'],
];

for (const [status, code, withFile = code] of codes)
  test(`${status} is ${code}, and ${withFile} of a file that was listed`, () => {
    const told = { uri: 'https://host/m', status, remedy: 'sign in' };
    const error = refusal(told);
    assert.equal(error.code, code);
    assert.match(error.message, new RegExp(`^https://host/m: status ${status}, `));
    assert.equal(refusal({ ...told, file: 'm.onnx' }).code, withFile);
  });

const NOW = Date.parse('2026-11-23T12:00:00Z');

const waits: readonly (readonly [string | undefined, number | undefined])[] = [
  ['7', 7000],
  ['0', 0],
  [' 120 ', 120_000],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['999999999999', 86_400_000],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
];

for (const [value, ms] of waits)
  test(`Retry-After ${value} asks for ${ms} ms`, () => assert.equal(retryAfter(value, NOW), ms));

const problems: readonly (readonly [string, string | undefined, string | undefined])[] = [
  ['{"error":"Repository not found."}', 'application/json', 'Repository not found'],
  ['{"error":{"code":404,"message":"No such object: b/m"}}', undefined, 'No such object: b/m'],
  ['{"errors":[{"code":"DENIED","message":"denied"}]}', undefined, 'denied'],
  ['{"message":"no"}', undefined, 'no'],
  ['{"error":{"code":404}}', undefined, undefined],
  ['[null]', undefined, undefined],
  ['null', undefined, 'null'],
  [
    '<?xml version="1.0"?><Error><Code>A</Code><Message>Access Denied</Message><StringToSign>s</StringToSign></Error>',
    'application/xml',
    'Access Denied',
  ],
  ['<html><head><title>403 Forbidden</title></head></html>', 'text/html', '403 Forbidden'],
  ['<html><body>no title</body></html>', 'text/html', undefined],
  ['  two\r\n\u001b[31m words. ', 'text/plain', 'two [31m words'],
  ['see https://host/m?X-Amz-Signature=abc', 'text/plain', 'see https://host/m?X-Amz-Signature=***'],
  ['Cannot GET /m?X-Amz-Signature=abc&b=c', 'text/plain', 'Cannot GET /m?***'],
  ['{"message":"no /m?sig=abc, sorry"}', 'application/json', 'no /m?*** sorry'],
  ['', 'text/plain', undefined],
];

for (const [text, type, problem] of problems)
  test(`${JSON.stringify(text)} says ${problem}`, () => assert.equal(problemOf(text, type), problem));

test('a long text is clipped', () => assert.ok((problemOf('a '.repeat(4000), undefined)?.length ?? 0) < 300));
