import { ask } from './ask.ts';
import { DEEDS } from './model.ts';

export const injuries = ['kill -9', 'exception', 'exit', 'hang', 'memory', 'garbage'] as const;

export type Injury = (typeof injuries)[number];

/** Does it to the process of the model that can be hurt, and checks that who caused it is told. */
export async function injure(url: string, injury: Injury): Promise<void> {
  const model = `${url}/models/faulty/predict`;
  if (injury === 'kill -9') {
    const { value } = await ask(model, DEEDS.pid);
    if (value !== undefined && value > 100) process.kill(value, 'SIGKILL');
    return;
  }
  const { status, text } = await ask(model, DEEDS[injury]);
  if (status !== 500 || !SAYS[injury].test(text)) throw new Error(`${injury}: ${status} ${text}`);
}

const DIED = 'the process that ran the model died: ';

const SAYS: Readonly<Record<Exclude<Injury, 'kill -9'>, RegExp>> = {
  exception: /ValueError: it was told to/,
  exit: new RegExp(`${DIED}it exited with 9`),
  hang: new RegExp(`${DIED}it ran for more than 0.3 s`),
  memory: /MemoryError/,
  garbage: new RegExp(`${DIED}it said what cannot be understood`),
};
