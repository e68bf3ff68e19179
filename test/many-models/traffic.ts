/** Which model is asked next, and asking it over HTTP. */
import { Agent, request } from 'node:http';
import { modelName, weightAt } from './models.ts';

/** A number in [0, 1). */
export type Chance = () => number;

/** The same numbers for the same seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Picks each of so many as often as the others. */
export function evenly(count: number, chance: Chance): () => number {
  return () => Math.floor(chance() * count);
}

/** Picks by Zipf's law with exponent 1: the second half as often as the first, the third a third as often. */
export function byZipf(count: number, chance: Chance): () => number {
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) sums.push((sum += 1 / rank));
  return () => {
    const wanted = chance() * sum;
    const found = sums.findIndex(one => one > wanted);
    return found === -1 ? count - 1 : found;
  };
}

export interface Asked {
  readonly model: number;
  readonly position: number;
}

export interface Outcome {
  readonly ms: number;
  /** Why it is no right answer; undefined when it is. */
  readonly fault: string | undefined;
}

/** Asks over connections that stay open. */
export class Asking {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  async ask({ model, position }: Asked): Promise<Outcome> {
    const since = performance.now();
    const body = `{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[${position}]}]}`;
    const { status, text } = await this.post(`/v2/models/${modelName(model)}/infer`, body);
    const ms = performance.now() - since;
    return { ms, fault: faultOf(status, text, weightAt(model, position)) };
  }

  post(path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method: 'POST', agent: this.#agent }, response => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject).end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function faultOf(status: number, text: string, expected: number): string | undefined {
  if (status !== 200) return `${status} ${text}`;
  const answer = (JSON.parse(text) as { outputs: { data: number[] }[] }).outputs[0]?.data[0];
  return answer === expected ? undefined : `${answer} in place of ${expected}`;
}
