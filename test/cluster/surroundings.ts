/** What a run on a cluster needs: found in the environment, or said what is not there. */
import { spawnSync } from 'node:child_process';
import { Unavailable } from '../differential/peers/python.ts';

export interface Surroundings {
  readonly kubeconfig: string;
  readonly registry: string;
  /** In that registry: has `node`, and a user of the number 1000. */
  readonly baseImage: string;
  /** The same with Python. */
  readonly pythonImage: string;
  readonly s3: URL;
  /** Where pods reach this machine. */
  readonly address: string;
}

export function surroundings(environment: NodeJS.ProcessEnv): Surroundings {
  const must = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Unavailable(`${name} is not set`);
    return value;
  };
  const kubeconfig = must('FAIRLEAD_TEST_KUBECONFIG');
  const registry = must('FAIRLEAD_TEST_REGISTRY');
  const s3 = new URL(must('AWS_ENDPOINT_URL_S3'));
  must('AWS_ACCESS_KEY_ID');
  must('AWS_SECRET_ACCESS_KEY');
  for (const program of ['kubectl', 'crane'])
    if (spawnSync(program, ['--help'], { stdio: 'ignore' }).error !== undefined)
      throw new Unavailable(`there is no ${program} on the path`);
  const baseImage = environment['FAIRLEAD_TEST_BASE_IMAGE'] ?? 'library/node:24-bookworm-slim';
  const pythonImage = environment['FAIRLEAD_TEST_PYTHON_IMAGE'] ?? 'library/python:3.11-slim-bookworm';
  for (const image of [baseImage, pythonImage]) {
    const { status } = spawnSync('crane', ['digest', '--insecure', `${registry}/${image}`]);
    if (status !== 0) throw new Unavailable(`${registry} has no ${image}`);
  }
  return {
    kubeconfig,
    registry,
    baseImage,
    pythonImage,
    s3,
    address: environment['FAIRLEAD_TEST_ADDRESS'] ?? s3.hostname,
  };
}
