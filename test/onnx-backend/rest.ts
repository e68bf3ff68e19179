/** Predictions over HTTP: tensors as JSON, or as bytes behind it. */
import { readExact } from '../conformance/text.ts';
import type { Form, Place, Question, Reply } from './forms.ts';
import { flatText, inJson, nestedText, rawOfJson } from './json.ts';
import type { Datatype, RawTensor } from './tensor.ts';

const HEADER = 'Inference-Header-Content-Length';

/** A server that hangs fails the case. Milliseconds. */
const MOST_WAIT_MS = 30_000;

/** What JSON cannot carry goes as bytes behind it. */
export function restForms({ http }: Place): Form[] {
  return [
    jsonForm(http, 'JSON, nested', nestedText),
    jsonForm(http, 'JSON, flat', flatText),
    {
      name: 'binary',
      carries: () => 'bits',
      ask: question => ask(http, question, { isText: () => false, write: flatText }),
    },
  ];
}

function jsonForm(http: string, name: string, write: Writing['write']): Form {
  return {
    name,
    carries: tensor => (inJson(tensor) ? 'values' : 'bits'),
    ask: question => ask(http, question, { isText: inJson, write }),
  };
}

interface Writing {
  /** Whether a tensor stands in the JSON, rather than behind it. */
  readonly isText: (tensor: RawTensor) => boolean;
  readonly write: (tensor: RawTensor) => string;
}

async function ask(http: string, question: Question, writing: Writing): Promise<Reply> {
  const json = Buffer.from(jsonOf(question, writing));
  const behind = question.inputs.filter(input => !writing.isText(input)).map(({ raw }) => raw);
  const response = await fetch(`${http}/v2/models/${question.model}/infer`, {
    method: 'POST',
    headers: behind.length === 0 ? {} : { [HEADER]: String(json.length) },
    body: Buffer.concat([json, ...behind]),
    signal: AbortSignal.timeout(MOST_WAIT_MS),
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return { error: `${response.status} ${body.toString('utf8')}` };
  return { outputs: outputsOf(body, response.headers.get(HEADER)) };
}

function jsonOf({ inputs, wanted }: Question, { isText, write }: Writing): string {
  const asked = wanted.map(
    output => `{"name":${JSON.stringify(output.name)},"parameters":{"binary_data":${!isText(output)}}}`,
  );
  const given = inputs.map(input => {
    const { name, datatype, shape, raw } = input;
    const data = isText(input) ? `"data":${write(input)}` : `"parameters":{"binary_data_size":${raw.length}}`;
    return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join()}],${data}}`;
  });
  return `{"inputs":[${given.join()}],"outputs":[${asked.join()}]}`;
}

interface OutputJson {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: number[];
  readonly data?: unknown[];
  readonly parameters?: { readonly binary_data_size?: number };
}

/** Takes an answer apart. Throws when its bytes are not just those that its outputs announce. */
function outputsOf(body: Buffer, header: string | null): RawTensor[] {
  let at = header === null ? body.length : Number(header);
  const { outputs } = readExact(body.toString('utf8', 0, at)) as { outputs: OutputJson[] };
  const tensors = outputs.map(({ name, datatype, shape, data, parameters }) => {
    if (data !== undefined) return { name, datatype, shape, raw: rawOfJson(datatype, data) };
    const start = at;
    at += parameters?.binary_data_size ?? Number.NaN;
    return { name, datatype, shape, raw: body.subarray(start, at) };
  });
  if (at !== body.length) throw new Error(`outputs announce ${at} bytes of ${body.length}`);
  return tensors;
}
