/** Clients that are right, but make it hard: many requests in one piece, one request in many. */
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../fuzz/random.ts';
import { Connection } from '../../fuzz/wire/connection.ts';
import { flat, nested } from '../clients/flat.ts';
import type { Place } from '../clients/place.ts';
import type { Question } from '../clients/question.ts';
import { askLatestDigits } from '../good/questions.ts';
import type { Kind } from '../kind.ts';
import { ARRIVES_MS } from '../subject/limits.ts';
import { answersIn } from './answers.ts';

export function awkwardKinds({ http }: Place): Kind[] {
  const port = Number(new URL(http).port);
  return [
    {
      name: 'pipelined',
      family: 'hostile',
      rate: 3,
      most: 8,
      mustSee: [/^right$/],
      act: random => {
        const questions = random.list(2 + random.below(5), () => askLatestDigits(random));
        return exchanged(port, questions, async (connection, bytes) => connection.send(bytes));
      },
    },
    {
      name: 'slow sender',
      family: 'hostile',
      rate: 1,
      most: 8,
      mustSee: [/^right$/],
      act: random => exchanged(port, [askLatestDigits(random)], (...sent) => inPieces(random, ...sent)),
    },
  ];
}

/** Far within the time that a request has to arrive. */
const PIECES = 5;
const BETWEEN_MS = ARRIVES_MS / PIECES / 4;

async function inPieces(random: Random, connection: Connection, bytes: Buffer): Promise<void> {
  const cuts = random.list(PIECES - 1, () => random.below(bytes.length)).toSorted((a, b) => a - b);
  for (const [index, from] of [0, ...cuts].entries()) {
    await connection.send(bytes.subarray(from, cuts[index] ?? bytes.length));
    await setTimeout(BETWEEN_MS);
  }
}

type Send = (connection: Connection, bytes: Buffer) => Promise<void>;

/** Answers come in the order of the requests, and each is right. */
async function exchanged(port: number, questions: readonly Question[], send: Send): Promise<string> {
  const connection = new Connection(port);
  try {
    await send(connection, Buffer.concat(questions.map(requestOf)));
    const enough = (received: Buffer): boolean => answersIn(received).length >= questions.length;
    if (!(await connection.until(enough))) throw new Error('the answers did not come in time');
    const answers = answersIn(connection.received);
    for (const [index, question] of questions.entries()) check(question, answers[index]);
    return 'right';
  } finally {
    connection.leave();
  }
}

function requestOf({ model, input }: Question): Buffer {
  const body = JSON.stringify({ inputs: nested(input) });
  return Buffer.from(
    `POST /models/${model}/predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function check(question: Question, answer: { status: number; body: string } | undefined): void {
  if (answer?.status !== 200)
    throw new Error(`it was answered ${answer?.status}: ${answer?.body.slice(0, 300)}`);
  const { predictions, model_version: version } = JSON.parse(answer.body) as {
    predictions: unknown;
    model_version: string;
  };
  question.check({ version, shape: undefined, data: flat(predictions) });
}
