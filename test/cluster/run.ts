/**
 * What fairlead does on a real cluster, seen from outside.
 *
 *   node scripts/run.mjs test/cluster/run.ts [--may-skip] [--quick] [--only=images,stores,traffic,routes,apply,models,steady,scaled,triton,gpus]
 *
 * `FAIRLEAD_TEST_KUBECONFIG` names the cluster, `FAIRLEAD_TEST_REGISTRY` a registry (plain HTTP) that its nodes pull from and that
 * has `FAIRLEAD_TEST_BASE_IMAGE` (`library/node:24-bookworm-slim`) and `FAIRLEAD_TEST_PYTHON_IMAGE`
 * (`library/python:3.11-slim-bookworm`), `AWS_ENDPOINT_URL_S3` and keys an S3 server;
 * `FAIRLEAD_TEST_ADDRESS` is where pods reach this machine, the S3 server's host where it is not set. `kubectl` and `crane` are
 * looked for on the path. What traffic and GPUs need is said in their files. `--may-skip` makes it no failure that one of them is
 * not there; `--quick` asks less often.
 */
import { codeOf } from '../differential/peers/python.ts';
import { applyOnCluster } from './apply.ts';
import { digitsInRoutes } from './digits-in-routes.ts';
import { gpusInPods } from './gpus.ts';
import { imageInPod } from './image-in-pod.ts';
import { modelsInPods } from './models-in-pods.ts';
import { scaledInPods } from './scaled-in-pods.ts';
import { steadyInPods } from './steady-in-pods.ts';
import { storeInPod } from './store-in-pod.ts';
import { trafficInCluster } from './traffic.ts';
import { tritonInPod } from './triton-in-pod.ts';

const journeys = {
  images: imageInPod,
  stores: storeInPod,
  traffic: trafficInCluster,
  routes: digitsInRoutes,
  apply: applyOnCluster,
  models: modelsInPods,
  steady: steadyInPods,
  scaled: scaledInPods,
  triton: tritonInPod,
  gpus: gpusInPods,
};
const only = process.argv.find(argument => argument.startsWith('--only='))?.slice('--only='.length);

for (const [name, journey] of Object.entries(journeys)) {
  if (only !== undefined && !only.split(',').includes(name)) continue;
  const began = performance.now();
  const code = await codeOf(journey, process.argv.includes('--may-skip'));
  process.stdout.write(
    `${name}: ${code === 0 ? 'done' : 'failed'} in ${Math.round((performance.now() - began) / 1000)} s\n`,
  );
  if (code !== 0) process.exitCode = code;
}
