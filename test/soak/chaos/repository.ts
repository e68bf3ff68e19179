/** Models that are loaded again, replaced, broken, mended, and taken away and brought back, while they are asked. */

import type { Random } from '../../fuzz/random.ts';
import { HttpClient } from '../clients/http.ts';
import type { Place } from '../clients/place.ts';
import type { Protocol } from '../clients/protocol.ts';
import { Refused } from '../clients/question.ts';
import { v2Json } from '../clients/v2.ts';
import { Factors } from '../good/factors.ts';
import { askScale } from '../good/questions.ts';
import type { Kind } from '../kind.ts';
import { put } from '../models/layout.ts';
import { scale } from '../models/onnx.ts';

/** Those that have clients who are never refused. */
const RELOADED = ['digits', 'texts', 'lookup', 'chain'];

export interface RepositoryOptions {
  readonly place: Place;
  readonly folder: string;
  readonly factors: Factors;
}

export function repositoryKinds({ place, folder, factors }: RepositoryOptions): Kind[] {
  const client = new HttpClient(place, 4);
  const protocol = v2Json(place);
  const close = (): void => {
    client.close();
    protocol.close();
  };
  const chaos = { family: 'chaos', most: 1, close } as const;
  return [
    {
      ...chaos,
      name: 'reload',
      rate: 1,
      mustSee: [/./],
      act: async random => {
        const name = random.pick(RELOADED);
        await load(client, name);
        return `${name} loaded again`;
      },
    },
    {
      ...chaos,
      name: 'replaced file',
      rate: 0.5,
      mustSee: [/^replaced$/],
      act: random =>
        random.chance(0.25) ? broken(client, folder, factors) : replaced(client, folder, factors),
    },
    {
      ...chaos,
      name: 'unload and load',
      rate: 0.3,
      mustSee: [/./],
      act: random => visit(client, protocol, random),
    },
  ];
}

async function load(client: HttpClient, name: string): Promise<void> {
  await client.good({ path: `/v2/repository/models/${name}/load`, method: 'POST', body: '' });
}

async function replaced(client: HttpClient, folder: string, factors: Factors): Promise<string> {
  const factor = factors.latest === 1000 ? 1 : factors.latest + 1;
  const settle = factors.propose(factor);
  put(folder, 'scale', scale(factor));
  await load(client, 'scale');
  settle();
  return 'replaced';
}

/** What there was goes on. */
async function broken(client: HttpClient, folder: string, factors: Factors): Promise<string> {
  put(folder, 'scale', scale(1).subarray(0, 60));
  const { status, body } = await client.send({ path: '/v2/repository/models/scale/load', body: '' });
  put(folder, 'scale', scale(factors.latest));
  if (status !== 400)
    throw new Error(`a broken file was answered ${status}: ${body.toString().slice(0, 300)}`);
  return 'a broken file refused';
}

const ofVisitor = askScale(new Factors());

/** A model that is not there is unknown, and one that is there answers. */
async function visit(client: HttpClient, protocol: Protocol, random: Random): Promise<string> {
  await client.good({ path: '/v2/repository/models/visitor/unload', method: 'POST', body: '' });
  const question = { ...ofVisitor(random), model: 'visitor' };
  const status = await protocol.ask(question).then(
    () => 200,
    (error: unknown) => (error instanceof Refused ? error.status : String(error)),
  );
  if (status !== 404) throw new Error(`a model that was unloaded was answered ${status}`);
  await load(client, 'visitor');
  question.check(await protocol.ask(question));
  return 'gone, and back';
}
