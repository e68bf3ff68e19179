/** One real server with a model of each kind, started as users start it, with limits that are soon reached. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementTypes, onnxModel, type ValueInfo } from '../../../src/server/fixtures/onnx-file.ts';
import type { TensorSpec } from '../../../src/server/tensors/tensor.ts';
import { type Program, startProgram } from '../../programs/fairlead.ts';
import { words } from '../make/words.ts';
import { type FuzzModel, models } from '../models.ts';

/** Not as models that answer with what they are given; and an input whose name the library cannot take. */
const NOT_SERVED = ['none', 'classes', 'proto'];

export const served: readonly FuzzModel[] = models.filter(({ name }) => !NOT_SERVED.includes(name));

/** More than its grace. Milliseconds. */
const STOPS_MS = 20_000;

export interface FuzzServer {
  readonly program: Program;
  readonly pid: number;
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Ends it as a service manager does; gives its exit code. */
  stop(): Promise<number | null>;
}

const LIMITS = words('--request-time 2s --max-body 1Mi --max-in-flight 64 --grace 5s --log-level warn');

export async function startServer(): Promise<FuzzServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-fuzz-models-'));
  const named = served.map(model => {
    const path = join(folder, `${model.name}.onnx`);
    writeFileSync(path, fileOf(model));
    return `${model.name}=${path}`;
  });
  const program = await startProgram(['serve', ...named, '--model-control', ...LIMITS]);
  return {
    program,
    pid: program.child.pid ?? 0,
    httpPort: Number(new URL(program.url).port),
    grpcPort: Number(program.grpc.split(':').at(-1)),
    async stop() {
      // One that hangs does not hear that it is to stop.
      const timer = setTimeout(() => program.child.kill('SIGKILL'), STOPS_MS);
      const code = await program.stop();
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

/** Each output is its input. */
function fileOf({ signature: { inputs, outputs } }: FuzzModel): Buffer {
  return onnxModel({
    inputs: inputs.map(valueInfo),
    outputs: outputs.map(valueInfo),
    nodes: inputs.map(({ name }, index) => ({
      op: 'Identity',
      inputs: [name],
      outputs: [outputs[index]?.name ?? ''],
    })),
  });
}

function valueInfo({ name, datatype, shape, unknownRank, sizeNames }: TensorSpec): ValueInfo {
  const sizes = shape.map((size, axis) => (size === -1 ? (sizeNames?.[axis] ?? `d${axis}`) : size));
  return { name, type: elementTypes[datatype], shape: unknownRank === true ? undefined : sizes };
}
