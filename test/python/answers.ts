/** Asks a model in each protocol, and compares with what its own library answers. */
import { type InferReply, Rpc } from '../conformance/rpc.ts';
import type { Program } from '../programs/fairlead.ts';
import { fromBytes, toBytes } from '../soak/clients/bytes.ts';
import { flat } from '../soak/clients/flat.ts';
import type { Case, Named } from './case.ts';

/** Answers go through text of the shortest numbers that come back; single precision is what many models have. */
const TOLERANCE = 1e-5;

interface Spec {
  readonly name: string;
  readonly datatype: string;
}

interface Metadata {
  readonly inputs: readonly Spec[];
  readonly outputs: readonly Spec[];
}

type Answers = ReadonlyMap<string, unknown>;

/** What is not as it should be, in words. */
export async function differences({ url, grpc }: Program, one: Case): Promise<string[]> {
  const metadata = (await (await fetch(`${url}/v2/models/${one.name}`)).json()) as Metadata;
  const ways: Readonly<Record<string, () => Promise<Answers>>> = {
    predict: () => plain(url, one),
    V2: () => v2(url, one, metadata),
    'V2, binary': () => binary(url, one, metadata),
    gRPC: () => rpc(grpc, one, metadata),
    'gRPC, raw': () => rpc(grpc, one, metadata, true),
  };
  const found: string[] = [];
  for (const [way, ask] of Object.entries(ways))
    try {
      found.push(...compared(await ask(), one).map(problem => `${way}: ${problem}`));
    } catch (error: unknown) {
      found.push(`${way}: ${String(error)}`);
    }
  return found;
}

async function posted(url: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

async function plain(url: string, { name, inputs, outputs }: Case): Promise<Answers> {
  const given = Object.fromEntries(inputs.map(one => [one.name, one.values]));
  const { predictions } = await posted(`${url}/models/${name}/predict`, { inputs: given });
  const [only, second] = outputs;
  if (only !== undefined && second === undefined) return new Map([[only.name, predictions]]);
  const rows = predictions as readonly Readonly<Record<string, unknown>>[];
  return new Map(outputs.map(one => [one.name, rows.map(row => row[one.name])]));
}

async function v2(url: string, { name, inputs }: Case, metadata: Metadata): Promise<Answers> {
  const tensors = inputs.map(one => ({ ...tensorOf(one, metadata), data: flat(one.values) }));
  const { outputs } = await posted(`${url}/v2/models/${name}/infer`, { inputs: tensors });
  return new Map((outputs as { name: string; data: unknown }[]).map(one => [one.name, one.data]));
}

/** Both ways as bytes, behind a head of JSON. */
async function binary(url: string, { name, inputs }: Case, metadata: Metadata): Promise<Answers> {
  const raw = inputs.map(one => rawOf(one, metadata));
  const tensors = inputs.map((one, at) => ({
    ...tensorOf(one, metadata),
    parameters: { binary_data_size: raw[at]?.length },
  }));
  const head = JSON.stringify({ inputs: tensors, parameters: { binary_data_output: true } });
  const response = await fetch(`${url}/v2/models/${name}/infer`, {
    method: 'POST',
    headers: { [HEAD]: String(Buffer.byteLength(head)) },
    body: Buffer.concat([Buffer.from(head), ...raw]),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status} ${bytes.toString()}`);
  let at = Number(response.headers.get(HEAD));
  const { outputs } = JSON.parse(bytes.toString('utf8', 0, at)) as { outputs: BinaryOutput[] };
  return new Map(
    outputs.map(one => {
      const from = at;
      at += one.parameters.binary_data_size;
      return [one.name, fromBytes(one.datatype, bytes.subarray(from, at))];
    }),
  );
}

const HEAD = 'inference-header-content-length';

interface BinaryOutput extends Spec {
  readonly parameters: { readonly binary_data_size: number };
}

function rawOf(one: Named, metadata: Metadata): Buffer {
  return toBytes({ ...tensorOf(one, metadata), data: flat(one.values) });
}

async function rpc(
  address: string,
  { name, inputs }: Case,
  metadata: Metadata,
  isRaw = false,
): Promise<Answers> {
  const client = new Rpc(address);
  try {
    const tensors = inputs.map(one => {
      const tensor = tensorOf(one, metadata);
      if (isRaw) return tensor;
      return { ...tensor, contents: { [FIELDS[tensor.datatype] ?? '']: flat(one.values).map(inMessage) } };
    });
    const raw = isRaw && { raw_input_contents: inputs.map(one => rawOf(one, metadata)) };
    const reply = await client.call<InferReply>('ModelInfer', { model_name: name, inputs: tensors, ...raw });
    return new Map(reply.outputs.map((one, at) => [one.name, elementsIn(one.datatype, reply, at)]));
  } finally {
    client.close();
  }
}

const FIELDS: Readonly<Record<string, `${string}_contents`>> = {
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  INT64: 'int64_contents',
  BYTES: 'bytes_contents',
};

function inMessage(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

function elementsIn(
  datatype: string,
  { outputs, raw_output_contents: raw }: InferReply,
  at: number,
): unknown[] {
  const bytes = raw[at];
  if (bytes === undefined) throw new Error(`output ${outputs[at]?.name} is not raw`);
  return fromBytes(datatype, bytes);
}

function tensorOf(
  { name, values }: Named,
  { inputs }: Metadata,
): { name: string; datatype: string; shape: number[] } {
  const datatype = inputs.find(one => one.name === name)?.datatype;
  if (datatype === undefined) throw new Error(`it has no input '${name}', but ${JSON.stringify(inputs)}`);
  return { name, datatype, shape: shapeOf(values) };
}

function shapeOf(values: unknown): number[] {
  return Array.isArray(values) ? [values.length, ...shapeOf(values[0])] : [];
}

function compared(answers: Answers, { outputs }: Case): string[] {
  return outputs.flatMap(({ name, values }) => {
    const wanted = flat(values);
    const got = answers.has(name) ? flat(answers.get(name)) : undefined;
    if (got === undefined) return [`no output '${name}', but ${[...answers.keys()].join(', ')}`];
    if (got.length !== wanted.length) return [`'${name}' has ${got.length} elements, not ${wanted.length}`];
    const at = wanted.findIndex((value, index) => !isClose(value, got[index]));
    return at === -1 ? [] : [`'${name}'[${at}] is ${String(got[at])}, not ${String(wanted[at])}`];
  });
}

function isClose(wanted: unknown, got: unknown): boolean {
  if (typeof wanted !== 'number' || typeof got !== 'number') return wanted === got;
  return Math.abs(wanted - got) <= TOLERANCE * Math.max(1, Math.abs(wanted));
}
