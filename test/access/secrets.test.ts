/** Where a key, a token or the gateway's secret could come to light, and does not. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root, startProgram, until } from '../programs/fairlead.ts';
import { credentials, serviceFile } from './credentials.ts';

const digits = join(root, 'examples', 'digits');
const body = readFileSync(join(digits, 'request.json'), 'utf8');
const skip = existsSync('/proc/self/environ') ? false : 'there is no /proc here';

test('no credential is in logs, metrics, pages, lists of processes, environments or last words', {
  skip,
}, async t => {
  const known = await credentials(t);
  const wrong = 'fl_wrong-wrong-wrong-wrong-wrong-wrong-wrong-wro';
  const secrets = [
    ...Object.values(known.keys),
    await known.token(),
    await known.token({ aud: 'other' }),
    wrong,
  ];
  const program = await startProgram(['up', serviceFile(known, digits), '--log-level', 'debug']);
  t.after(() => program.stop());
  const { url } = program;
  const told: string[] = [];
  for (const secret of secrets)
    for (const headers of [{ authorization: `Bearer ${secret}` }, { 'x-api-key': secret }])
      for (const path of [
        '/predict',
        '/metrics',
        '/',
        '/v1/models/digits:predict',
        '/v2/models/digits/infer',
        '/x',
      ]) {
        const method = path === '/predict' || path.includes(':') || path.endsWith('infer') ? 'POST' : 'GET';
        const answer = await fetch(url + path, { method, headers, ...(method === 'POST' && { body }) });
        told.push(JSON.stringify([...answer.headers]), await answer.text());
      }
  const pids = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map(line => line.trim().split(/\s+/).map(Number))
    .flatMap(([pid, parent]) => (pid === program.child.pid || parent === program.child.pid ? [pid] : []));
  assert.ok(pids.length >= 2, 'the program and its server');
  const environments = pids.map(pid => readFileSync(`/proc/${pid}/environ`, 'utf8'));
  const processes = execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  // A server that crashes is told of.
  const server = pids.find(pid => pid !== program.child.pid) ?? 0;
  process.kill(server, 'SIGABRT');
  await until(() => /ended by itself/.test(program.stderr()));
  await program.stop();
  const all = [...told, ...environments, processes, program.stderr()].join('\n');
  assert.match(all, /"message":"request refused".*"key":"alice"/, 'the log does tell whose key it was');
  for (const secret of secrets) assert.equal(all.includes(secret), false, secret);
  const written = readdirSync(known.folder).map(file => readFileSync(join(known.folder, file), 'utf8'));
  for (const secret of secrets) assert.equal(written.join('\n').includes(secret), false);
});

test('up tells how to ask with a key, and has itself asked its server as its gateway does', async t => {
  const known = await credentials(t);
  const program = await startProgram(['up', serviceFile(known, digits)]);
  t.after(() => program.stop());
  await until(() => program.stderr().includes('Ctrl-C stops.'));
  assert.match(program.stderr(), /Try it:\n {2}curl -s \S+ -H "Authorization: Bearer \$KEY" -d/);
  const headers = { 'x-api-key': known.keys.admin };
  const metrics = await (await fetch(`${program.url}/metrics`, { headers })).text();
  assert.doesNotMatch(metrics, /^(?:gateway_)?requests_refused_total\{/m);
});
