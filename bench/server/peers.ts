/** The servers that a user could pick instead. Why each is set up so is said in its script in bench/peers. */
import { join } from 'node:path';
import { type Contestant, type Door, openInference, v2 } from './contestant.ts';
import { program } from './environments.ts';
import type { Model } from './models.ts';
import { places } from './places.ts';

/** A peer whose script takes PORT and NAME=MODEL.onnx. */
function peer(given: PeerGiven): Contestant {
  const { environment, flags = [], name = given.peer, quick = false, kind = 'python' } = given;
  const command = (models: readonly Model[]): [string, ...string[]] => {
    const pairs = models.map(model => `${model.name}=${model.path}`);
    const script = join(places.sources, `${given.script}.py`);
    return [program(environment, 'python'), script, '{port}', ...pairs, ...flags];
  };
  return { name, peer: given.peer, kind, environment, command, door: given.door, live: given.live, quick };
}

interface PeerGiven extends Pick<Contestant, 'peer' | 'door' | 'live'> {
  readonly name?: string;
  readonly kind?: Contestant['kind'];
  readonly environment: string;
  readonly script: string;
  readonly flags?: readonly string[];
  readonly quick?: boolean;
}

/** The same with its batching on, for the small model: a core gains nothing from batches of the heavy ones. */
function batching(given: PeerGiven): Contestant {
  const door = (model: Model): Door | undefined => (model.heavy ? undefined : given.door(model));
  return peer({ ...given, name: `${given.peer}, batching`, flags: ['--batch'], door });
}

const named = (model: Model): Door => ({ path: `/models/${model.name}`, form: 'rows' });
/** Bytes for the image, on a path beside the other; JSON for the rest. */
const besides = (model: Model): Door =>
  model.name === 'cnn' ? { path: `/models/${model.name}/bytes`, form: 'bytes' } : named(model);
/** Bytes for the image, told by their content type; JSON for the rest. */
const byType = (prefix: string, model: Model): Door => ({
  path: `${prefix}${model.name}`,
  form: model.name === 'cnn' ? 'bytes' : 'rows',
});
const live = '/v2/health/live';
const triton: PeerGiven = {
  peer: 'Triton (Python backend)',
  kind: 'native',
  environment: 'triton',
  script: 'triton_server',
  door: openInference,
  live,
  quick: true,
};
const mlserver: PeerGiven = {
  peer: 'MLServer',
  environment: 'mlserver',
  script: 'mlserver_server',
  door: model => v2(model.name === 'cnn' ? 'base64' : 'v2', model),
  live,
};
const litserve: PeerGiven = {
  peer: 'LitServe',
  environment: 'litserve',
  script: 'litserve_server',
  door: model => ({ path: `/models/${model.name}`, form: model.name === 'cnn' ? 'packed' : 'rows' }),
  live: '/health',
};
const bentoml: PeerGiven = {
  peer: 'BentoML',
  environment: 'bentoml',
  script: 'bentoml_server',
  door: besides,
  live: '/livez',
};
const torchserve: PeerGiven = {
  peer: 'TorchServe',
  environment: 'torchserve',
  script: 'torchserve_server',
  door: model => byType('/predictions/', model),
  live: '/ping',
};
const rayserve: PeerGiven = {
  peer: 'Ray Serve',
  environment: 'ray',
  script: 'rayserve_server',
  door: model => byType('/models/', model),
  live: '/-/healthz',
};

const fastapiTorch: Contestant = {
  name: 'FastAPI + PyTorch',
  peer: 'FastAPI + PyTorch',
  kind: 'python',
  environment: 'fastapi-torch',
  command: () => [
    program('fastapi-torch', 'python'),
    join(places.sources, 'fastapi_torch.py'),
    places.weights,
  ],
  door: model => (model.heavy ? undefined : { path: '/predict', form: 'rows' }),
  live: '/health',
  quick: false,
};

export const peers: readonly Contestant[] = [
  peer(triton),
  batching(triton),
  peer({
    peer: 'PyTriton',
    kind: 'native',
    environment: 'pytriton',
    script: 'pytriton_server',
    door: openInference,
    live,
  }),
  peer({
    peer: 'FastAPI + ONNX Runtime',
    environment: 'fastapi-ort',
    script: 'fastapi_onnx',
    door: besides,
    live: '/health',
    quick: true,
  }),
  fastapiTorch,
  peer(torchserve),
  batching({ ...torchserve, quick: true }),
  peer(mlserver),
  batching({ ...mlserver, quick: true }),
  peer({
    peer: 'KServe',
    environment: 'kserve',
    script: 'kserve_server',
    door: openInference,
    live,
  }),
  peer(bentoml),
  batching(bentoml),
  peer(litserve),
  batching(litserve),
  peer(rayserve),
  batching(rayserve),
];
