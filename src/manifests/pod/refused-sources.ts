import { foreignKind, pathOf } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { awayOf, isOnVolume } from './away.ts';

/**
 * What a file says of models that lie on a volume, or come to a server of others: nobody looks at the bytes of a volume but the server,
 * and of what is pulled no version is known here.
 */
export function sourceRefusals(arm: PodArm): Refused[] {
  const kind = foreignKind(arm.deployed.revision.runtime);
  const refused = awayOf(arm).flatMap(({ path, source }) => {
    const { digest, include, exclude, versions, uri } = source;
    const onVolume = isOnVolume(arm, uri);
    const told = (field: string, problem: string): Refused => ({ path: `${path}.${field}`, problem });
    return [
      ...(digest !== undefined && onVolume && kind !== undefined ? [told('digest', UNVERIFIED)] : []),
      ...(include !== undefined && onVolume ? [told('include', WHOLE)] : []),
      ...(exclude !== undefined && onVolume ? [told('exclude', WHOLE)] : []),
      ...(versions !== undefined && kind !== undefined ? [told('versions', UNKNOWN)] : []),
      ...(isFileOf(arm, uri) ? [told('uri', FOLDER)] : []),
      ...(isVersionOf(arm, uri) ? [told('uri', WHOLE_MODEL)] : []),
    ];
  });
  return [...refused, ...unlisted(arm)];
}

const UNVERIFIED =
  'is verified by nobody: a server of others reads the volume itself. Leave it out, or have it pulled';
const WHOLE = 'has no effect on a volume: nothing of it is fetched';
const UNKNOWN =
  'cannot be chosen before the model is pulled or its volume is there: name one version by the uri, or as several models';
const WHOLE_MODEL =
  'names one version, and Triton would find no config.pbtxt of the model: name the folder that holds it';
const FOLDER = 'names a file, and this server looks for the folder of a version: name that';

/** These servers look for folders of versions; a file would be mounted, or pulled, in the place of one. */
function isFileOf({ deployed }: PodArm, uri: string): boolean {
  const { triton, tensorflowServing } = deployed.revision.runtime;
  const isOfFolders = triton !== undefined || tensorflowServing !== undefined;
  return isOfFolders && /\/[^/]+\.(?:onnx|plan|pt|pb)$/i.test(uri);
}

/** On this machine Triton would read what lies beside a version. */
function isVersionOf({ deployed }: PodArm, uri: string): boolean {
  return deployed.revision.runtime.triton !== undefined && /^pvc:.*\/\d+\/?$/i.test(uri);
}

/** TensorFlow Serving is told the names of its models, and what a repository holds is not known here. */
function unlisted({ role, deployed, service }: PodArm): Refused[] {
  const { runtime, models, told } = deployed.revision;
  if (runtime.tensorflowServing === undefined || told.kind !== 'repository' || models.length > 0) return [];
  return [
    {
      path: `${pathOf(service, role)}.repository`,
      problem:
        'cannot be looked into before it is there, and TensorFlow Serving has to be told what is in it: name its models one by one, as models',
    },
  ];
}
