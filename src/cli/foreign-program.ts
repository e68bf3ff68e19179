/** Whether the program of another server is here, and what to do where it is not. */
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { failure } from '#base';
import { type Arm, type ForeignKind, foreignKind, formatOf, launch, type Revision } from '#spec';
import { locate } from './found-models.ts';
import { justPaths } from './model-store.ts';

/** Throws `server_missing` where the service of a file cannot run on this machine for want of a program. */
export async function checkPrograms(arms: readonly Arm[], file: string): Promise<void> {
  for (const { revision } of arms) await checkProgram(revision, file);
}

async function checkProgram(revision: Revision, file: string): Promise<void> {
  const kind = foreignKind(revision.runtime);
  if (kind === undefined) return;
  const place = { program: [], host: '', port: 0, grpcPort: 0, behindGateway: true };
  const { argv, env, folder = '' } = launch(revision, place);
  const [program = ''] = argv;
  if (program === '') throw imageOnly(file);
  const path = env['PATH'] ?? process.env['PATH'] ?? '';
  const folders = program.includes('/') ? [folder] : path.split(delimiter);
  for (const one of folders)
    if (await isProgram(program.startsWith('/') ? program : join(one, program))) return;
  const field = kind === 'custom' ? 'runtime.custom.command' : `runtime.${kind}.program`;
  throw failure('server_missing', {
    program,
    field: `spec.${field}`,
    remedy: await remedyFor(kind, revision),
  });
}

function imageOnly(file: string): Error {
  const problem = 'has no effect on one machine, where nothing runs containers; add command beside it';
  return failure('spec_invalid', { file, issues: [`spec.runtime.custom.image ${problem}`] });
}

async function isProgram(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const install: Readonly<Record<ForeignKind, string>> = {
  triton:
    'name it by its path (in the container nvcr.io/nvidia/tritonserver it is /opt/tritonserver/bin/tritonserver; `pip install nvidia-pytriton` brings one with the Python backend)',
  tensorflowServing:
    'install tensorflow-model-server from the apt repository of TensorFlow Serving, or name it by its path',
  custom: 'install it, or name it by its path',
};

async function remedyFor(kind: ForeignKind, revision: Revision): Promise<string> {
  const own = kind === 'custom' ? undefined : await ownRuntime(revision);
  if (own === undefined) return install[kind];
  return `leave out runtime.${kind}, and ${own}; or ${install[kind]}`;
}

/** What of fairlead serves the same models, in words. */
async function ownRuntime({ models, told }: Revision): Promise<string | undefined> {
  const roots =
    told.kind === 'repository' ? [told.repository.uri] : models.map(({ artifact }) => artifact.path);
  const formats: (string | undefined)[] = [];
  for (const uri of roots) {
    const found = await locate({ uri, path: '' }, '/', justPaths).catch(() => undefined);
    if (found === undefined) return undefined;
    for (const { path } of found.artifacts) formats.push(formatOf(path) ?? 'savedmodel');
  }
  if (formats.every(format => format === 'onnx')) return "fairlead's own server runs these models of ONNX";
  return "fairlead's runtime python runs these models, with an interpreter that has their library";
}
