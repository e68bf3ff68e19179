import assert from 'node:assert/strict';
import test from 'node:test';
import { parserFailure } from './http-parser-error.ts';

const waited = { headersMs: 1000, requestMs: 5000 };

for (const [code, reason, begun, says] of [
  ['HPE_HEADER_OVERFLOW', 'Header overflow', false, /limit of 16384 bytes, or more than 200$/],
  ['ERR_HTTP_REQUEST_TIMEOUT', undefined, false, /within 1 seconds/],
  ['ERR_HTTP_REQUEST_TIMEOUT', undefined, true, /within 5 seconds/],
  ['HPE_INVALID_EOF_STATE', 'Invalid EOF state', true, /the body ended before/],
  ['HPE_INVALID_EOF_STATE', 'Invalid EOF state', false, /not a valid HTTP request: Invalid EOF state/],
  ['HPE_INVALID_VERSION', 'Invalid HTTP version', false, /use HTTP\/1\.1/],
  ['HPE_INVALID_VERSION', 'Expected dot', false, /not a valid HTTP request: Expected dot/],
  ['HPE_PAUSED_H2_UPGRADE', 'Pause on PRI/Upgrade', false, /use HTTP\/1\.1/],
  ['HPE_CB_BODY', undefined, true, /not a valid HTTP request: Parse Error/],
] as const) {
  test(`${code} ${begun ? 'within a body' : 'before a request'} is told: ${says.source}`, () => {
    const error = Object.assign(new Error('Parse Error'), { code, reason });
    const told = parserFailure(error, { ...waited, begun });
    assert.match(told.message, says);
    assert.equal(told.cause, error);
  });
}
