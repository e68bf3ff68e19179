import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import { UpstreamAgent } from './upstream-agent.ts';

test('a connection that does not come about is given up, as one that could not be made', async t => {
  const agent = new UpstreamAgent(50);
  t.after(() => agent.destroy());
  // Nothing can keep a connection waiting on any machine as a name can that is never resolved.
  const lookup = (): void => undefined;
  const asked = request({ host: 'nobody.invalid', agent, lookup });
  asked.end();
  const [error] = (await once(asked, 'error')) as [NodeJS.ErrnoException];
  assert.deepEqual([error.code, error.syscall], ['ETIMEDOUT', 'connect']);
});
