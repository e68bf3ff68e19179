/** What is wrong with a revision once its models are found; nothing of it can be told from the file alone. */
import { launch } from './launch.ts';
import { strayField } from './python-fields.ts';
import type { Revision } from './revision.ts';
import { isVersionNumber } from './versions.ts';

/** Two models of one name and version, in words. */
export function namesProblem({ models }: Revision): string | undefined {
  const same = models.find((one, at) =>
    models.slice(0, at).some(other => other.name === one.name && other.version === one.version),
  );
  return (
    same && `two models are both '${same.name}' version ${same.version}; give one another name or version`
  );
}

/** A label of a version that is not there, or given twice, in words. */
export function labelsProblem({ models, told }: Revision): string | undefined {
  if (told.kind === 'repository') return undefined;
  const given = told.entries.flatMap(({ name, labels = {} }) =>
    Object.entries(labels).map(([label, version]) => ({ name, label, version })),
  );
  for (const [at, { name, label, version }] of given.entries()) {
    const isAgain = given.slice(0, at).some(other => other.name === name && other.label === label);
    if (isAgain) return `the label '${label}' of model '${name}' is given twice`;
    const served = models.filter(model => model.name === name).map(model => model.version);
    // Of what nobody has looked at, its server tells.
    if (served.length > 0 && !served.includes(version))
      return `the label '${label}' of model '${name}' is for version ${version}, which is not served; served are ${served.join(', ')}`;
  }
  return undefined;
}

/**
 * What a service says of Python and has no effect on any of its models, in words. Where models come while servers run, any may
 * come yet.
 */
export function pythonProblem(revisions: readonly Revision[]): string | undefined {
  const { runtime: { python } = {}, server } = revisions[0] ?? {};
  if (python === undefined || server?.control !== undefined || revisions.some(hasUnknown)) return undefined;
  const artifacts = revisions.flatMap(({ models }) => models.map(({ artifact }) => artifact));
  const loaders = artifacts.flatMap(({ loader }) => loader ?? []);
  const stray = strayField(python, loaders);
  if (loaders.length === 0) return 'runtime.python has no effect, as every model is one of ONNX';
  return stray && `runtime.python.${stray} has no effect on any of the models`;
}

/** Whether nobody has looked at some of its models. */
function hasUnknown({ told, models }: Revision): boolean {
  return told.kind === 'repository' ? models.length === 0 : told.python !== undefined;
}

/** A version that TensorFlow Serving cannot have, in words. */
export function numbersProblem({ models, runtime }: Revision): string | undefined {
  const odd = models.find(({ version }) => !isVersionNumber(version));
  if (runtime.tensorflowServing === undefined || odd === undefined) return undefined;
  return `the version '${odd.version}' of '${odd.name}' must be a number, as TensorFlow Serving has them`;
}

/** Linux takes no longer variable; a little is left for its name. Bytes. */
const MOST_VARIABLE = 128 * 1024 - 64;

/** A list that no environment holds, in words. */
export function lengthProblem(revision: Revision): string | undefined {
  const { env } = launch(revision, {
    program: [],
    host: '',
    port: 0,
    grpcPort: undefined,
    behindGateway: false,
  });
  const longest = Math.max(...Object.values(env).map(value => Buffer.byteLength(value)));
  if (longest <= MOST_VARIABLE) return undefined;
  return 'the models are more than a server can be told one by one; put them in a folder and name it as repository';
}
