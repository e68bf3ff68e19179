/** Tensors as a record has them: JSON of a bounded length, without the values of what is redacted. */
import type { ServedModel } from '../models/signature.ts';
import { base64Text } from '../tensors/base64.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';
import type { Tensor, TensorSpec } from '../tensors/tensor.ts';
import { flatText } from '../tensors/text-writer.ts';
import { HiddenNames, type Side } from './hidden-names.ts';
import type { PayloadTexts } from './observation.ts';

export interface PayloadLimits {
  /** Names whose values are left out: `pixels`, `/inputs/pixels`, `/outputs/class`. */
  readonly redact: readonly string[];
  /** Bytes for inputs, and as many for outputs. */
  readonly maxBytes: number;
}

/** Writers of inputs and outputs. */
export function payloadTexts({ redact, maxBytes }: PayloadLimits): PayloadTexts {
  const hidden = new HiddenNames(redact);
  const listOf = (side: Side, specs: readonly TensorSpec[], tensors: readonly Tensor[]): string => {
    let room = maxBytes;
    const texts = specs.map(({ name }, at) => {
      const tensor = tensors[at];
      const text =
        tensor === undefined ? '' : tensorText(name, tensor, hidden.has(side, name) ? 'hidden' : room);
      room = Math.max(0, room - text.length);
      return text;
    });
    return `[${texts.filter(text => text !== '').join(',')}]`;
  };
  return {
    inputs: ({ signature }: ServedModel, { inputs }) => listOf('inputs', signature.inputs, inputs),
    outputs: ({ signature }: ServedModel, outputs) => listOf('outputs', signature.outputs, outputs),
  };
}

function tensorText(name: string, { datatype, shape, data }: Tensor, room: number | 'hidden'): string {
  const head = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]`;
  if (room === 'hidden') return `${head},"redacted":true}`;
  const parts = elementTexts({ datatype, shape, data }, room - head.length);
  const cut = parts.length < data.length ? `,"truncated":true,"elements":${data.length}` : '';
  return `${head}${cut},"data":[${parts.join(',')}]}`;
}

/** As many elements, from the first on, as there is room for. */
function elementTexts(tensor: Tensor, room: number): string[] {
  if (tensor.data instanceof ByteStrings) return stringTexts(tensor.data, room);
  const { datatype, data } = tensor;
  // Whoever sends a million numbers pays for those that are kept, and not for all.
  const most = Math.min(data.length, Math.ceil(Math.max(0, room) / 2));
  const texts: string[] = [];
  let used = 0;
  for (let at = 0; at < most && used < room; at += STEP) {
    const some = data.subarray(at, Math.min(most, at + STEP));
    for (const text of flatText({ datatype, shape: [some.length], data: some })
      .slice(1, -1)
      .split(',')) {
      used += text.length + 1;
      if (used > room) return texts;
      texts.push(valid(text));
    }
  }
  return texts;
}

const STEP = 1024;

/** JSON has no names for what is no number. */
function valid(text: string): string {
  return /^-?(?:Infinity|NaN|inf|nan)$/i.test(text) ? `"${text}"` : text;
}

function stringTexts(strings: ByteStrings, room: number): string[] {
  const texts: string[] = [];
  let used = 0;
  for (let at = 0; at < strings.length; at++) {
    const bytes = strings.at(at);
    if (used + bytes.length > room) break;
    const text = strings.text(at);
    const written = text === undefined ? base64Text(bytes) : JSON.stringify(text);
    used += written.length + 1;
    if (used > room) break;
    texts.push(written);
  }
  return texts;
}
