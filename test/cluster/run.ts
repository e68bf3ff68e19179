/**
 * What fairlead does on a real cluster, seen from outside.
 *
 *   node scripts/run.mjs test/cluster/run.ts [--may-skip] [--only=images|stores|traffic]
 *
 * `FAIRLEAD_TEST_KUBECONFIG` names the cluster, `FAIRLEAD_TEST_REGISTRY` a registry (plain HTTP) that its nodes pull from and that
 * has `FAIRLEAD_TEST_BASE_IMAGE` (`library/node:24-bookworm-slim`) and `FAIRLEAD_TEST_PYTHON_IMAGE`
 * (`library/python:3.11-slim-bookworm`), `AWS_ENDPOINT_URL_S3` and keys an S3 server;
 * `FAIRLEAD_TEST_ADDRESS` is where pods reach this machine, the S3 server's host where it is not set. `kubectl` and `crane` are
 * looked for on the path. What traffic needs is said in its file. `--may-skip` makes it no failure that one of them is not there.
 */
import { codeOf } from '../differential/peers/python.ts';
import { imageInPod } from './image-in-pod.ts';
import { storeInPod } from './store-in-pod.ts';
import { trafficInCluster } from './traffic.ts';

const journeys = { images: imageInPod, stores: storeInPod, traffic: trafficInCluster };
const only = process.argv.find(argument => argument.startsWith('--only='))?.slice('--only='.length);

for (const [name, journey] of Object.entries(journeys)) {
  if (only !== undefined && only !== name) continue;
  process.exitCode = await codeOf(journey, process.argv.includes('--may-skip'));
  if (process.exitCode !== 0) break;
}
