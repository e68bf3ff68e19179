/** The models of the soak's server as they lie on disk: FOLDER/NAME/VERSION/model.onnx. */
import { copyFileSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chain, echo, lookup, scale, texts } from './onnx.ts';

/** The factor of `scale` at first. */
export const FIRST_FACTOR = 2;

/** Models that take what anybody sends; `visitor` comes and goes. The others have clients that check every answer. */
export const HOSTILE_MODELS = ['fp32', 'int64', 'bytes'] as const;

/** Writes all of them. */
export function writeModels(folder: string, digits: string): void {
  for (const version of ['1', '2']) {
    mkdirSync(join(folder, 'digits', version), { recursive: true });
    copyFileSync(join(digits, version, 'model.onnx'), join(folder, 'digits', version, 'model.onnx'));
  }
  const made = {
    chain: chain(),
    texts: texts(),
    lookup: lookup(),
    scale: scale(FIRST_FACTOR),
    visitor: scale(FIRST_FACTOR),
    fp32: echo('FP32'),
    int64: echo('INT64'),
    bytes: echo('BYTES'),
  };
  for (const [name, bytes] of Object.entries(made)) put(folder, name, bytes);
}

/** Puts a model's file in the place of what was there, at once. */
export function put(folder: string, name: string, bytes: Buffer): void {
  const place = join(folder, name, '1');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'model.next'), bytes);
  renameSync(join(place, 'model.next'), join(place, 'model.onnx'));
}

export interface Placed {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

/** What lies there now, of one name or of all. */
export function placed(folder: string, name?: string): Placed[] {
  const names = name === undefined ? readdirSync(folder) : [name];
  return names.flatMap(each =>
    readdirSync(join(folder, each)).map(version => ({
      name: each,
      version,
      path: join(folder, each, version, 'model.onnx'),
    })),
  );
}
