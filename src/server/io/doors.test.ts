import assert from 'node:assert/strict';
import test from 'node:test';
import { silentMs } from './doors.ts';

test('a connection may be silent for as long as its answer may take, whichever model is asked', () => {
  const settings = { deadlineMs: 30_000 };
  assert.ok(silentMs({ requestTimeMs: 500, settings, models: [] }) > 30_500);
  const slow = { settings: { deadlineMs: 90_000 } };
  assert.ok(silentMs({ requestTimeMs: 500, settings, models: [{}, slow] }) > 90_500);
});
