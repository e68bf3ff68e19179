import { foreignKind, type ModelEntry, type ModelSource } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';

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
    ];
  });
  return [...refused, ...unlisted(arm)];
}

const UNVERIFIED =
  'is verified by nobody: a server of others reads the volume itself. Leave it out, or have it pulled';
const WHOLE = 'has no effect on a volume: nothing of it is fetched';
const UNKNOWN =
  'cannot be chosen before the model is pulled or its volume is there: name one version by the uri, or as several models';
const FOLDER = 'names a file, and this server looks for the folder of a version: name that';

interface Away {
  readonly path: string;
  readonly source: ModelSource | ModelEntry;
}

/** Models of the revision that are not in its image, as far as their URIs tell. */
function awayOf({ role, service: { spec } }: PodArm): Away[] {
  const isOther = role === 'candidate' && spec.candidate !== undefined;
  const [served, above] = isOther ? [spec.candidate, 'spec.candidate'] : [spec, 'spec'];
  if (spec.kubernetes.models === 'image') return [];
  const all = [
    ...(served?.model === undefined ? [] : [{ path: `${above}.model`, source: served.model }]),
    ...(served?.models ?? []).map((source, at) => ({ path: `${above}.models[${at}]`, source })),
  ];
  return all.filter(({ source }) => isAway(source.uri));
}

/** Whether it names another place than a path. */
export function isAway(uri: string): boolean {
  return SCHEME.test(uri) && !/^file:/i.test(uri);
}

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function isOnVolume({ service: { spec } }: PodArm, uri: string): boolean {
  return /^pvc:/i.test(uri) || (/^oci:/i.test(uri) && spec.kubernetes.models === 'volume');
}

/** Of a claim a file could be mounted as well, in the place of a folder. */
function isFileOf({ deployed }: PodArm, uri: string): boolean {
  const { triton, tensorflowServing } = deployed.revision.runtime;
  const isOfFolders = triton !== undefined || tensorflowServing !== undefined;
  return isOfFolders && /^pvc:.*\/[^/]+\.(?:onnx|plan|pt|pb)$/i.test(uri);
}

/** TensorFlow Serving is told the names of its models, and what a repository holds is not known here. */
function unlisted({ role, deployed, service: { spec } }: PodArm): Refused[] {
  const { runtime, models, told } = deployed.revision;
  if (runtime.tensorflowServing === undefined || told.kind !== 'repository' || models.length > 0) return [];
  const above = role === 'candidate' && spec.candidate !== undefined ? 'spec.candidate' : 'spec';
  return [
    {
      path: `${above}.repository`,
      problem:
        'cannot be looked into before it is there, and TensorFlow Serving has to be told what is in it: name its models one by one, as models',
    },
  ];
}
