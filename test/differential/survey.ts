/** Sends the same requests to a peer and to fairlead, one after another, and keeps both answers. */
import type { Case } from './cases/case.ts';
import { infer } from './cases/case.ts';
import { simpleInputs } from './cases/json.ts';
import { exchange, type HttpRequest } from './exchange.ts';
import type { Peer } from './peers/process.ts';
import { type RpcRequest, rpcExchange } from './rpc-exchange.ts';
import { rpcView } from './rpc-view.ts';
import { httpView, type View } from './view.ts';

export interface Observation {
  readonly of: Case;
  readonly peer: View;
  readonly fairlead: View;
}

/** Starts a peer with at least these models. */
export type Start = (models: ReadonlySet<string>) => Promise<Peer>;

/** Asks all. A peer that does not outlive a request is started again. Throws when fairlead no longer serves. */
export async function survey(
  cases: readonly Case[],
  fairlead: Peer,
  start: Start,
): Promise<{ name: string; observations: Observation[] }> {
  let peer = await start(modelsOf(cases));
  const observations: Observation[] = [];
  try {
    for (const [index, of] of cases.entries()) {
      if (peer.ended()) {
        // What it started may have outlived it.
        await peer.stop();
        peer = await start(modelsOf(cases.slice(index)));
      }
      const [theirs, ours] = await Promise.all([ask(peer, of), ask(fairlead, of)]);
      observations.push({ of, peer: theirs, fairlead: ours });
      if (ours['status'] !== '200' && ours['status'] !== 'OK') await stillServes(fairlead, of);
    }
  } finally {
    await peer.stop();
  }
  return { name: `${peer.name} ${peer.version}`, observations };
}

function modelsOf(cases: readonly Case[]): Set<string> {
  return new Set(cases.flatMap(({ request }) => ('messages' in request ? named(request) : inPath(request))));
}

function inPath({ path }: HttpRequest): string[] {
  return [/\/models\/(\w+)/.exec(path)?.[1]].filter(name => name !== undefined);
}

function named({ messages }: RpcRequest): string[] {
  return messages.flatMap(message => {
    const { name, model_name = name } = message as { name?: string; model_name?: string };
    return model_name === undefined ? [] : [model_name];
  });
}

async function ask(peer: Peer, { request }: Case): Promise<View> {
  if ('messages' in request) return call(peer, request);
  try {
    return httpView(await exchange(peer.http, request));
  } catch (error) {
    return { status: (await peer.endsSoon()) ? 'the server ends' : `no answer: ${String(error)}` };
  }
}

async function call(peer: Peer, request: RpcRequest): Promise<View> {
  const view = rpcView(await rpcExchange(peer.grpc, request));
  return view['status'] === 'UNAVAILABLE' && (await peer.endsSoon()) ? { status: 'the server ends' } : view;
}

async function stillServes(fairlead: Peer, { title }: Case): Promise<void> {
  const { status } = await exchange(fairlead.http, infer('simple', simpleInputs));
  if (status !== 200) throw new Error(`after '${title}' fairlead answers a good request with ${status}`);
}
