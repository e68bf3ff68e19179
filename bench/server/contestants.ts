/** The servers under test: how each is started and how its answers are checked. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command, Server } from '../measure/children.ts';
import { startServer } from '../measure/children.ts';
import { postUntilAnswered } from '../measure/post.ts';
import { type Expected, faultOf, parseReference } from './answers.ts';
import { places } from './places.ts';
import { type Form, PATHS } from './requests.ts';
import { traffics } from './traffic.ts';

export interface Contestant extends Command {
  /** The floor answers a constant, which cannot be right. */
  readonly predicts: boolean;
  /** In which form it is asked. */
  readonly form: Form;
}

const checkedRows = 200;

/** This server first, then what it is compared with. */
export function contestants(): readonly [Contestant, ...Contestant[]] {
  const fairlead = [
    join(places.root, 'fairlead'),
    'serve',
    `digits=${dirname(places.model)}`,
    '--port',
    '0',
  ] as const;
  const fastapi = [places.python, join(places.sources, 'fastapi_torch.py'), places.weights] as const;
  const floor = [process.execPath, join(places.sources, 'constant.mjs'), typicalAnswer()] as const;
  return [
    { name: 'fairlead', argv: fairlead, predicts: true, form: 'json' },
    { name: 'fairlead, V2 binary', argv: fairlead, predicts: true, form: 'binary' },
    { name: 'fairlead, gRPC', argv: fairlead, predicts: true, form: 'grpc' },
    { name: 'FastAPI + PyTorch', argv: fastapi, predicts: true, form: 'json' },
    { name: 'node:http, constant answer', argv: floor, predicts: false, form: 'json' },
  ];
}

/** The same command on one core only. */
export function pinned<C extends Command>(command: C, core: number): C {
  return { ...command, argv: ['taskset', '-c', `${core}`, ...command.argv] };
}

/** Starts it and waits for its first answer. */
export async function start(contestant: Contestant): Promise<Server> {
  const server = await startServer(
    contestant,
    join(places.logs, `${contestant.name.replaceAll(/\W+/g, '-')}.log`),
  );
  await postUntilAnswered(`${server.url}${PATHS.json}`, request());
  return server;
}

/** The one body that every request of the load posts. */
function request(): string {
  return readFileSync(places.request, 'utf8');
}

/** Throws unless each row is answered alone as scikit-learn answers it, and the load's own request too. */
export async function checkAnswers(server: Server, form: Form): Promise<void> {
  const expected = parseReference(readFileSync(places.reference, 'utf8'));
  const rows = Array.from({ length: checkedRows }, (_, index) => index);
  for (const row of [rowOfRequest(expected), ...rows]) {
    const probabilities = await traffics[form].ask(server, expected.pixels[row] ?? []);
    const fault = faultOf([probabilities], [row], expected);
    if (fault !== undefined) throw new Error(`${server.name} answers wrongly: ${fault}`);
  }
}

function rowOfRequest({ pixels }: Expected): number {
  const { inputs } = JSON.parse(request()) as { inputs: [number[]] };
  return pixels.findIndex(row => row.join() === inputs[0].join());
}

/** As long as a real answer: what the floor sends back. */
function typicalAnswer(): string {
  const expected = parseReference(readFileSync(places.reference, 'utf8'));
  const predictions = [expected.probabilities[rowOfRequest(expected)]?.map(value => Math.fround(value))];
  return JSON.stringify({ predictions, model_version: '2', prediction_time: 0.000123 });
}
