/** Models that between them have every element type, and inputs with fixed and with free sizes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementTypes, onnxModel } from '../../src/server/fixtures/onnx-file.ts';

type Datatype = keyof typeof elementTypes;

const numbers = Object.keys(elementTypes).filter(type => type !== 'BYTES' && type !== 'FP16') as Datatype[];

/** By the names that schemathesis.toml has for them. */
const models = {
  dtypes: echo([2], numbers),
  fixed: echo([2, 3], ['FP32']),
  texts: echo(['N'], ['BYTES']),
  half: echo(['N', 2], ['FP16']),
  spare: echo(['N', 2], ['FP32']),
} as const;

/** Writes the models below a folder; gives what `serve` is told of them. */
export function writeModels(folder: string): string[] {
  return Object.entries(models).map(([name, bytes]) => {
    const version = join(folder, name, '1');
    mkdirSync(version, { recursive: true });
    writeFileSync(join(version, 'model.onnx'), bytes);
    return `${name}=${join(folder, name)}`;
  });
}

/** Answers each input, named after its type. */
function echo(shape: readonly (number | string)[], types: readonly Datatype[]): Buffer {
  const named = (prefix: string) =>
    types.map(type => ({ name: prefix + type.toLowerCase(), type: elementTypes[type], shape }));
  const nodes = named('').map(({ name }) => ({ op: 'Identity', inputs: [name], outputs: [`same_${name}`] }));
  return onnxModel({ inputs: named(''), outputs: named('same_'), nodes });
}
