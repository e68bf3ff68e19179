/** `serve` takes by flags what a file says of a server: the defaults are the same, and what the one refuses so does the other. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { armsOf, launch, parse } from '#spec';
import { run } from './programs/fairlead.ts';

test('a flag that is left out means what a field that is left out means', async () => {
  const smallest = parse(
    '{"kind": "ModelService", "metadata": {"name": "d"}, "spec": {"model": {"uri": "m"}}}',
  );
  assert.ok(smallest.ok);
  const [arm] = armsOf(smallest.value, {
    stable: [{ root: 'm', artifacts: [{ path: 'm', digest: 'sha256:0' }] }],
  });
  assert.ok(arm);
  const { argv } = launch(arm.revision, {
    program: [],
    host: '127.0.0.1',
    port: 8501,
    grpcPort: 8500,
    behindGateway: false,
  });
  const { stdout: help } = await run(['serve', '--help']);
  // Terminals wrap the help; the words are what counts.
  const words = help.replaceAll(/\s+/g, ' ');
  const flags = argv.filter(one => one.startsWith('--') && !/^--(?:grpc-port|revision)=/.test(one));
  for (const flag of flags) {
    const [name, value] = flag.split('=');
    assert.match(words, new RegExp(`${name} <[a-z]+> [^<]*\\(default: "${value}"`), flag);
  }
});
