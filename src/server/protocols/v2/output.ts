/** The answer to an infer request: outputs as JSON, or as bytes behind it. */
import { failure } from '#base';
import { hasJsonForm, invalid, type ServedModel } from '../../models/signature.ts';
import { rawBytes } from '../../tensors/raw.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { flatText } from '../../tensors/text-writer.ts';
import { type Answered, json, type Reply } from '../port.ts';
import { classify } from './classification.ts';

export interface AskedOutput {
  /** In the signature. */
  readonly position: number;
  readonly binary: boolean;
  /** The number of largest elements wanted in place of the output. */
  readonly classes?: number;
}

interface NamedOutput {
  readonly name: string;
  readonly tensor: Tensor;
}

export function inferAnswer(
  answered: Answered,
  asked: readonly AskedOutput[],
  id: string | undefined,
): Reply {
  const bodies: Buffer[] = [];
  const texts = asked.map(one => {
    const output = namedOutput(answered, one);
    if (!one.binary) return jsonText(output);
    const bytes = rawBytes(output.tensor);
    bodies.push(bytes);
    return headText(output, `"parameters":{"binary_data_size":${bytes.length}}`);
  });
  const head = headOf(answered.model, id, texts);
  // With nothing behind the JSON, Triton says nothing of its length.
  if (bodies.every(({ length }) => length === 0)) return json(200, head);
  return {
    status: 200,
    type: 'application/octet-stream',
    body: [head, ...bodies],
    headers: ['Inference-Header-Content-Length', String(Buffer.byteLength(head))],
  };
}

/** The output that was asked for, as it was asked for. */
export function namedOutput({ model, outputs }: Answered, { position, classes }: AskedOutput): NamedOutput {
  const spec = model.signature.outputs[position];
  const tensor = outputs[position];
  if (spec === undefined || tensor === undefined)
    throw failure('internal', { problem: 'an output is missing' });
  if (classes === undefined) return { name: spec.name, tensor };
  const { batched } = model.signature;
  return { name: spec.name, tensor: classify(spec, tensor, { count: classes, batched }) };
}

function headOf(model: ServedModel, id: string | undefined, outputs: readonly string[]): string {
  const name = JSON.stringify(model.name);
  const version = JSON.stringify(model.version);
  const idText = id === undefined || id === '' ? '' : `"id":${JSON.stringify(id)},`;
  return `{${idText}"model_name":${name},"model_version":${version},"outputs":[${outputs.join(',')}]}`;
}

function jsonText(output: NamedOutput): string {
  const { datatype } = output.tensor;
  if (!hasJsonForm(datatype))
    throw invalid(
      `output '${output.name}' has datatype ${datatype}, which JSON cannot carry; ask for binary data`,
      ['outputs'],
    );
  return headText(output, `"data":${flatText(output.tensor)}`);
}

function headText({ name, tensor }: NamedOutput, rest: string): string {
  const { datatype, shape } = tensor;
  return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}],${rest}}`;
}
