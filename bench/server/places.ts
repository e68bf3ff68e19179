/** Where the bench finds and puts its files. */
import { join } from 'node:path';

const bench = join(import.meta.dirname, '..');
const root = join(bench, '..');
const digits = join(root, 'examples/digits');
const peers = join(bench, '.peers');

export const places = {
  root,
  model: join(digits, 'models/digits/2/model.onnx'),
  request: join(digits, 'request.json'),
  reference: join(digits, 'reference.json'),
  /** Scripts of the peers, in git. */
  sources: join(bench, 'peers'),
  /** What the bench installs and writes, not in git. */
  peers,
  /** The models that a script writes. */
  served: join(peers, 'served'),
  weights: join(peers, 'mlp.pt'),
  /** The same network as TorchScript, and the list that names it. */
  torchScript: join(peers, 'torchscript/model.pt'),
  torchList: join(peers, 'torchscript/models.json'),
  /** Bodies of the requests. */
  bodies: join(peers, 'bodies'),
  /** A folder for each server that runs, named after its port (peer.py). */
  run: join(peers, 'run'),
  logs: join(peers, 'logs'),
};
