/** Asks backend tests of a server, in every form, and holds each answer against ONNX Runtime's own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agrees, difference } from './compare.ts';
import type { BackendCase, DataSet } from './data.ts';
import { Direct } from './direct.ts';
import type { Form, Question } from './forms.ts';
import { restForms } from './rest.ts';
import { rpcForms } from './rpc.ts';
import { refusalOf, serveAll } from './serving.ts';
import type { RawTensor } from './tensor.ts';
import { readTensorProto } from './tensor-proto.ts';
import { exclusionOf, loadFaultOf, unsupportedBy, type Verdict } from './verdict.ts';

/** A case whose model a server takes. */
interface Served {
  readonly test: BackendCase;
  /** What it is served as: a name of the case's has a slash. */
  readonly model: string;
  readonly path: string;
}

/** The verdict of each case, all served by one server. `at` is told which case is looked at, should the process end. */
export async function examine(
  cases: readonly BackendCase[],
  at: (name: string) => void = () => {},
): Promise<Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-backend-'));
  try {
    const verdicts: Verdict[] = [];
    const served: Served[] = [];
    for (const [index, test] of cases.entries()) {
      at(test.name);
      const one = { test, model: `m${index}`, path: join(folder, `m${index}.onnx`) };
      const verdict = await admit(one);
      if (verdict === undefined) served.push(one);
      else verdicts.push(verdict);
    }
    return [...verdicts, ...(await examineServed(served, at))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes a case's model where the server finds it; gives the verdict where it is not served. */
async function admit({ test, model, path }: Served): Promise<Verdict | undefined> {
  const { name } = test;
  writeFileSync(path, test.model());
  const refusal = await refusalOf({ name: model, version: '1', path });
  if (refusal === undefined) return undefined;
  const fault = unsupportedBy(refusal) ?? (await loadFault(path));
  if (fault !== undefined) return { name, outcome: 'refused', reason: fault };
  return {
    name,
    outcome: 'failed',
    reason: `ONNX Runtime loads it, but the server does not: ${refusal.message}`,
  };
}

/** Why ONNX Runtime does not load a model; undefined when it does. */
async function loadFault(path: string): Promise<string | undefined> {
  try {
    const direct = await Direct.load(path);
    await direct.close();
    return undefined;
  } catch (error: unknown) {
    return loadFaultOf(error);
  }
}

async function examineServed(served: readonly Served[], at: (name: string) => void): Promise<Verdict[]> {
  const models = served.map(({ model, path }) => ({ name: model, version: '1', path }));
  const server = await serveAll(models);
  const rpc = rpcForms(server);
  const forms = [...restForms(server), ...rpc.forms];
  try {
    const verdicts: Verdict[] = [];
    for (const one of served) {
      at(one.test.name);
      verdicts.push(await judge(one, forms));
    }
    return verdicts;
  } finally {
    rpc.close();
    await server.close();
  }
}

async function judge({ test, model, path }: Served, forms: readonly Form[]): Promise<Verdict> {
  const { name } = test;
  const excluded = exclusionOf(name);
  if (excluded !== undefined) return { name, outcome: 'excluded', reason: excluded };
  const direct = await Direct.load(path);
  try {
    let asReference = true;
    for (const set of test.dataSets()) {
      const inputs = inputsOf(set, direct);
      const expected = await direct.run(inputs).catch(() => undefined);
      const fault = await firstFault({ model, inputs, wanted: expected ?? [] }, expected, forms);
      if (fault !== undefined) return { name, outcome: 'failed', reason: fault };
      if (expected === undefined)
        return {
          name,
          outcome: 'refused',
          reason: 'ONNX Runtime fails on its inputs, and the server says so',
        };
      asReference &&= agrees(set.outputs.map(readTensorProto), expected);
    }
    return { name, outcome: 'passed', asReference };
  } catch (error: unknown) {
    return { name, outcome: 'failed', reason: String(error) };
  } finally {
    await direct.close();
  }
}

/** Inputs are given in the model's order; the names in the files are not always the model's. */
function inputsOf({ inputs }: DataSet, { inputNames }: Direct): RawTensor[] {
  return inputs.map((bytes, index) => {
    const tensor = readTensorProto(bytes);
    return { ...tensor, name: inputNames[index] ?? tensor.name };
  });
}

/** What is wrong in the first form in which something is. */
async function firstFault(
  question: Question,
  expected: readonly RawTensor[] | undefined,
  forms: readonly Form[],
): Promise<string | undefined> {
  for (const { name, carries, ask } of forms) {
    const reply = await ask(question);
    const fault = faultOf(reply, expected, carries);
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return undefined;
}

function faultOf(
  reply: Awaited<ReturnType<Form['ask']>>,
  expected: readonly RawTensor[] | undefined,
  carries: Form['carries'],
): string | undefined {
  if ('error' in reply) return expected === undefined ? undefined : reply.error;
  if (expected === undefined) return 'an answer, where ONNX Runtime fails';
  return difference(expected, reply.outputs, carries);
}
