/**
 * The conformance cases against any server: `npm run conformance -- --http http://host:port --grpc host:port`. Without
 * `--http` it starts fairlead. Ends with 1 when a case failed. With `--onnx`, ONNX's own backend tests through fairlead.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fixtures, writeFixtures } from './fixtures.ts';
import { type Own, startOwn } from './own.ts';
import { Peer } from './peer.ts';
import { tableOf } from './report.ts';
import { chosen, type Outcome, runCase } from './runner.ts';

const HELP = `usage: npm run conformance -- [options]
  --http URL          the server under test; without it fairlead is started
  --grpc HOST:PORT    its gRPC port
  --triton            accept Triton's answers where they differ
  --only LIST         cases, as in 14-20,63
  --quick             leave out the cases that start servers of their own
  --json FILE         write the results as JSON too
  --fixtures FOLDER   write the models as a repository for another server, and end
  --onnx [NAME]       ONNX's own backend tests instead, all or those with NAME in their name
`;

const onnx = process.argv.indexOf('--onnx');
if (onnx !== -1) process.argv.splice(onnx, 1);

const { values } = parseArgs({
  // The names of ONNX's tests.
  allowPositionals: onnx !== -1,
  options: {
    http: { type: 'string' },
    grpc: { type: 'string' },
    triton: { type: 'boolean', default: false },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    fixtures: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(HELP);
  if (values.fixtures !== undefined) return writeFixtures(values.fixtures, Object.values(fixtures));
  const asked = chosen(values.only);
  const { peer, notes, afterCase, close } = await underTest();
  const outcomes: Outcome[] = [];
  try {
    for (const one of asked) {
      if (!(await peer.lives())) throw new Error(goneAfter(outcomes.at(-1)?.id, peer.place.http));
      outcomes.push(await runCase(one, peer));
      await afterCase();
    }
  } catch (error: unknown) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await close();
  }
  tell(outcomes, notes);
}

function goneAfter(id: number | undefined, place: string): string {
  return id === undefined
    ? `nothing answers at ${place}`
    : `the server is gone after case ${id}: no other was asked`;
}

function tell(outcomes: readonly Outcome[], notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`${note}\n`);
  process.stdout.write(tableOf(outcomes));
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ notes, outcomes }, null, 2)}\n`);
  if (outcomes.some(({ result }) => result === 'fail')) process.exitCode = 1;
}

async function underTest(): Promise<Own> {
  const { http, grpc, triton, quick } = values;
  if (http === undefined) return startOwn(quick);
  const peer = new Peer({ http, grpc, triton });
  const nothing = async (): Promise<void> => {};
  return { peer, notes: [], afterCase: nothing, close: () => peer.close() };
}

if (onnx === -1) await main();
else await import('../onnx-backend/run.ts');
