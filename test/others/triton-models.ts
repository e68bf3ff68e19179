/** Models of Triton's Python backend, in its layout. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InferMessage } from '../conformance/rpc.ts';

/** Folders by name: `scale` multiplies by its version, `count` answers as often as it is asked to. */
export function writeModels(folder: string): void {
  write(folder, 'scale', ['1', '2', '3'], SCALE);
  write(folder, 'count', ['1'], COUNT);
}

const HEAD = 'backend: "python"\ninstance_group { kind: KIND_CPU count: 1 }\n';
const SCALE = `${HEAD}max_batch_size: 0
input { name: "INPUT" data_type: TYPE_FP32 dims: [-1] }
output { name: "OUTPUT" data_type: TYPE_FP32 dims: [-1] }
`;
const COUNT = `${HEAD}max_batch_size: 0
model_transaction_policy { decoupled: true }
input { name: "UPTO" data_type: TYPE_INT32 dims: [1] }
output { name: "NUMBER" data_type: TYPE_INT32 dims: [1] }
`;

function write(folder: string, name: string, versions: readonly string[], config: string): void {
  for (const version of versions) {
    mkdirSync(join(folder, name, version), { recursive: true });
    copyFileSync(join(import.meta.dirname, 'triton', `${name}.py`), join(folder, name, version, 'model.py'));
  }
  writeFileSync(join(folder, name, 'config.pbtxt'), config);
}

/** A request of V2's REST interface, whose answer says the version: 7 × it. */
export const SCALE_BODY = JSON.stringify({
  inputs: [{ name: 'INPUT', datatype: 'FP32', shape: [1], data: [7] }],
});

export const scaleMessage: InferMessage = {
  model_name: 'scale',
  inputs: [{ name: 'INPUT', datatype: 'FP32', shape: [1] }],
  raw_input_contents: [Buffer.from(Float32Array.of(7).buffer)],
};

export function countMessage(upTo: number): InferMessage {
  return {
    model_name: 'count',
    inputs: [{ name: 'UPTO', datatype: 'INT32', shape: [1] }],
    raw_input_contents: [Buffer.from(Int32Array.of(upTo).buffer)],
  };
}
