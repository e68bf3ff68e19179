import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, messageOf } from '#base';
import {
  adminBundleOf,
  adminText,
  differencesOf,
  diffText,
  helmChart,
  type KubeObject,
  kustomizeFiles,
  type Release,
  renderJson,
  type TextFile,
  yamlText,
} from '#manifests';
import { wrong } from '../flags.ts';
import { type ClusterFlags, folderObjects, liveObjects } from '../live-objects.ts';
import { type RenderedAll, type RenderedFlags, renderedFrom } from '../release-objects.ts';
import { onStopSignals } from '../stop-signals.ts';
import { Terminal } from '../terminal.ts';
import { version } from '../version.ts';

export interface RenderFlags extends RenderedFlags, ClusterFlags {
  /** Folders. */
  readonly kustomize?: string;
  readonly helm?: string;
  /** A folder; true for the cluster. */
  readonly diff?: string | true;
  readonly gpuAdmin?: true;
  readonly output: 'yaml' | 'json';
}

/** Prints the objects of services, or writes them in another form, or what would change; 1 where that is anything. */
export async function render(paths: readonly [string, ...string[]], flags: RenderFlags): Promise<void> {
  checkForms(paths, flags);
  const stop = new AbortController();
  onStopSignals(() => stop.abort(new Error('stopped')));
  const { signal } = stop;
  const terminal = new Terminal(process.stderr);
  const all = await renderedFrom(paths, flags, { signal, terminal });
  await put(all, flags, terminal, signal);
}

/** Each says where the objects go. Throws `usage_invalid`. */
function checkForms(
  paths: readonly string[],
  { kustomize, helm, diff, gpuAdmin, ...flags }: RenderFlags,
): void {
  const forms = [
    kustomize !== undefined && '--kustomize',
    helm !== undefined && '--helm',
    diff !== undefined && '--diff',
    gpuAdmin && '--gpu-admin',
    flags.output === 'json' && '-o json',
  ].filter(Boolean);
  if (forms.length > 1) throw wrong(`${forms.join(' and ')} cannot stand together: give one of them`);
  if (paths.length < 2) return;
  const ofOne = {
    '--helm': helm,
    '--kustomize': kustomize,
    '--image': flags.image,
    '--candidate': flags.candidate,
    '--candidate-image': flags.candidateImage,
    '--weight': flags.weight,
  };
  const [stray] = Object.entries(ofOne).find(([, value]) => value !== undefined) ?? [];
  if (stray !== undefined) throw wrong(`${stray} is for one service, but ${paths.length} files are given`);
}

async function put(
  all: RenderedAll,
  flags: RenderFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const objects = all.flatMap(one => one.objects);
  const [{ release }] = all;
  if (flags.gpuAdmin) process.stdout.write(all.map(one => adminOf(one.release)).join('---\n'));
  else if (flags.helm !== undefined) await written(flags.helm, chartOf(objects, release), terminal);
  else if (flags.kustomize !== undefined)
    await written(flags.kustomize, kustomizeFiles(objects, { name: release.name }), terminal);
  else if (flags.diff !== undefined) await compare(all, objects, { ...flags, signal });
  else process.stdout.write(flags.output === 'json' ? renderJson(objects) : yamlText(objects));
}

function chartOf(objects: readonly KubeObject[], { name, arms }: Release): readonly TextFile[] {
  const revisions = arms.map(({ role, deployed }) => ({ role, revision: deployed.revision.name }));
  const appVersion = revisions[0]?.revision ?? name;
  return helmChart(objects, { name, version, appVersion, arms: revisions });
}

/** Throws `usage_invalid` for a service without a GPU. */
function adminOf({ name, arms: [stable] }: Release): string {
  const { gpu } = stable.service.spec.resources;
  if (gpu === undefined)
    throw wrong(`--gpu-admin: ${name} has no spec.resources.gpu, so nothing is to be set up`);
  return adminText(adminBundleOf(gpu));
}

async function compare(
  all: RenderedAll,
  objects: readonly KubeObject[],
  { diff, kubeconfig, context, namespace, signal }: RenderFlags & { readonly signal: AbortSignal },
): Promise<void> {
  const services = all.map(({ release }) => release.name);
  const reached = {
    signal,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(namespace !== undefined && { namespace }),
  };
  const before =
    typeof diff === 'string' ? await folderObjects(diff) : await liveObjects(objects, services, reached);
  const { colour } = new Terminal(process.stdout);
  process.stdout.write(diffText(before, objects, { colour }));
  if (differencesOf(before, objects).some(({ kind }) => kind !== 'same')) process.exitCode = 1;
}

/** Throws `file_unwritable`. */
async function written(folder: string, files: readonly TextFile[], terminal: Terminal): Promise<void> {
  for (const { path, text } of files) {
    const place = join(folder, path);
    try {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text);
    } catch (error: unknown) {
      throw failure('file_unwritable', { path: place, problem: messageOf(error) }, error);
    }
  }
  terminal.line(`${folder} holds ${files.length} files`);
}
