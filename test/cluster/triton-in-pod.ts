/** A real Triton through the objects that fairlead writes: its repository in the image, its ports, probes and metrics. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCALE_BODY, writeModels } from '../others/triton-models.ts';
import { restrictedNamespace } from './baked-pod.ts';
import { type Build, buildImage } from './image.ts';
import { Cluster } from './kubectl.ts';
import { ask } from './open-loop.ts';
import { Service, small } from './service.ts';
import { surroundings } from './surroundings.ts';
import { tritonFlags, tritonImage } from './triton-image.ts';

/** The exit code. */
export async function tritonInPod(): Promise<number> {
  const around = surroundings(process.env);
  const suffix = randomBytes(4).toString('hex');
  const cluster = new Cluster(around.kubeconfig, `fairlead-triton-${suffix}`);
  const cache = join('/var/tmp', `fairlead-triton-${suffix}`);
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-triton-models-'));
  const build: Build = { around, cache, repository: `fairlead-test/${suffix}` };
  const service = new Service('scaled', cluster, around.kubeconfig);
  try {
    const base = await tritonImage(build);
    writeModels(folder);
    const spec = {
      repository: { uri: folder },
      runtime: { triton: { args: tritonFlags } },
      resources: { ...small, memory: '1Gi' },
      server: { drain: { grace: '10s' } },
    };
    const file = join(folder, 'fairlead.yaml');
    writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'scaled' }, spec }));
    const { name: image } = buildImage(build, [file, '--base', base], 'scaled:1');
    await cluster.apply(restrictedNamespace(cluster.namespace));
    await service.apply({ ...spec, image });
    const url = await service.url();
    const answer = await ask({ url: `${url}/v2/models/scale/infer`, body: SCALE_BODY });
    const { outputs, model_version: version } = JSON.parse(answer) as {
      outputs: readonly { data: readonly number[] }[];
      model_version: string;
    };
    assert.equal(outputs[0]?.data[0], 7 * Number(version));
    process.stdout.write(`a real Triton serves version ${version} of its repository through the objects\n`);
  } finally {
    await cluster.run(['delete', 'namespace', cluster.namespace, '--ignore-not-found', '--wait=false']);
    await service.remove();
    rmSync(cache, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
  return 0;
}
