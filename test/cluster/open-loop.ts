/** A constant load that waits for nobody: requests leave when they are due, whatever became of those before. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Target {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Tally {
  readonly sent: number;
  readonly answered: number;
  /** What went wrong, and how often. */
  readonly failures: ReadonlyMap<string, number>;
  /** How often each text came back. */
  readonly answers: ReadonlyMap<string, number>;
  readonly seconds: number;
}

export interface Load {
  readonly perSecond: number;
  /** So many are sent at least, and more where what is done meanwhile takes longer. */
  readonly least: number;
  /** What an answer is told apart by; its status alone where nothing is said. */
  readonly kindOf?: (text: string) => string;
}

const TIMEOUT_MS = 20_000;
const TICK_MS = 10;

/** Sends while something is done, and until so many were sent. Connections are kept, and reused as any client would. */
export async function underLoad(
  target: Target,
  { perSecond, least, kindOf = () => 'answered' }: Load,
  doing: () => Promise<void>,
): Promise<Tally> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const failures = new Map<string, number>();
  const answers = new Map<string, number>();
  const open = new Set<Promise<void>>();
  const began = performance.now();
  const until = { isDone: false };
  let sent = 0;
  const done = doing().finally(() => (until.isDone = true));
  // What fails is told when the load has ended.
  done.catch(() => undefined);
  while (!until.isDone || sent < least) {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    for (; sent < due; sent++) {
      const one = ask(target, agent).then(
        text => count(answers, kindOf(text)),
        (error: unknown) => count(failures, String(error)),
      );
      open.add(one);
      void one.finally(() => open.delete(one));
    }
    await pause(TICK_MS);
  }
  await Promise.all(open);
  agent.destroy();
  await done;
  const answered = [...answers.values()].reduce((sum, many) => sum + many, 0);
  return { sent, answered, failures, answers, seconds: (performance.now() - began) / 1000 };
}

function count(into: Map<string, number>, what: string): void {
  into.set(what, (into.get(what) ?? 0) + 1);
}

/** The text of an answer of 200; everything else is thrown. */
export function ask({ url, body, headers = {} }: Target, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(agent && { agent }),
    });
    sent.on('error', reject);
    sent.on('response', answer => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}: ${text}`)),
      );
    });
    sent.end(body);
  });
}

export function failuresText({ failures }: Tally): string {
  return [...failures].map(([what, many]) => `${many} × ${what}`).join('\n');
}
