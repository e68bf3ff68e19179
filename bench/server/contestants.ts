/** The servers under test: fairlead, its peers, and the floor under every server on node:http. */
import { dirname, join } from 'node:path';
import { constantAnswer } from './answers.ts';
import { type Contestant, openInference, v2 } from './contestant.ts';
import type { Model } from './models.ts';
import { peers } from './peers.ts';
import { places } from './places.ts';

export const FAIRLEAD = 'fairlead';
export const FLOOR = 'node:http, constant answer';

function fairlead(name: string, door: Contestant['door']): Contestant {
  const command = (models: readonly Model[]): [string, ...string[]] => {
    const pairs = models.map(model => `${model.name}=${dirname(model.path)}`);
    return [join(places.root, 'fairlead'), 'serve', ...pairs, '--port', '0'];
  };
  return { name, peer: name, kind: 'fairlead', command, door, live: '/health', quick: true };
}

/** The digits as a model of PyTorch, in a process of Python beside the server, on the same core. */
const fairleadTorch: Contestant = {
  ...fairlead('fairlead with PyTorch', ({ name }) =>
    name === 'digits' ? { path: '/predict', form: 'rows' } : undefined,
  ),
  environment: 'fastapi-torch',
  command: () => [join(places.root, 'fairlead'), 'serve', '--models', places.torchList, '--port', '0'],
};

const floor: Contestant = {
  name: FLOOR,
  peer: FLOOR,
  kind: 'floor',
  command: () => [process.execPath, join(places.sources, 'constant.mjs'), constantAnswer()],
  door: model => (model.heavy ? undefined : { path: '/predict', form: 'rows' }),
  live: '/',
  quick: true,
};

/** This server first, then its peers, then the floor. */
export const contestants: readonly Contestant[] = [
  fairlead(FAIRLEAD, model =>
    model.heavy ? openInference(model) : { path: `/models/${model.name}/predict`, form: 'rows' },
  ),
  fairlead('fairlead, V2 binary', model => (model.heavy ? undefined : v2('binary', model))),
  fairlead('fairlead, gRPC', model =>
    model.heavy ? undefined : { path: '/inference.GRPCInferenceService/ModelInfer', form: 'grpc' },
  ),
  fairleadTorch,
  ...peers,
  floor,
];
