/** The worker thread's side: one model's session, which it builds, runs and releases as it is asked to. */
import { parentPort } from 'node:worker_threads';
import { asAppError, failure } from '#base';
import { letGo } from '#net';
import type { Tensor } from '../../tensors/tensor.ts';
import type { Answer, Question } from '../thread-messages.ts';
import { loadLibrary, OnnxSession, type SessionSource } from './onnx-session.ts';
import { memoryOf, packed, unpacked } from './parcels.ts';
import { yieldToOthers } from './yielding.ts';

yieldToOthers();

let session: OnnxSession | undefined;
/** What was asked before: the end may be asked for while a run is on its way. */
let before = Promise.resolve();

parentPort?.on('message', (question: Question) => {
  before = before.then(() => answer(question));
});
parentPort?.on('messageerror', fault => {
  before = before.then(() => tellFailed(fault));
});

async function answer(question: Question): Promise<void> {
  try {
    if (question.kind === 'load') await load(question);
    else if (question.kind === 'run') await run(question.inputs);
    else if (question.kind === 'release') await release();
    else await end();
  } catch (error: unknown) {
    tellFailed(error);
  }
}

function tellFailed(error: unknown): void {
  const { code, facts } = asAppError(error);
  tell({ kind: 'failed', code, facts });
}

async function load(source: SessionSource): Promise<void> {
  await loadLibrary();
  const since = performance.now();
  session = await OnnxSession.open(source);
  tell({ kind: 'loaded', ms: performance.now() - since });
}

async function run(inputs: readonly Tensor[]): Promise<void> {
  if (session === undefined)
    throw failure('internal', { problem: 'a model thread was asked to run before it loaded' });
  const outputs = await session.run(unpacked(inputs)).finally(() => used(inputs));
  const { tensors, transfer } = packed(outputs);
  const ran: Answer = { kind: 'ran', outputs: tensors, ms: session.lastMs };
  parentPort?.postMessage(ran, transfer);
}

/** What came with a message is this thread's alone, also what lies around a tensor. */
function used(inputs: readonly Tensor[]): void {
  for (const memory of memoryOf(inputs)) letGo(new Uint8Array(memory));
}

async function release(): Promise<void> {
  const released = session;
  session = undefined;
  await released?.release();
  tell({ kind: 'released' });
}

/** With its port closed nothing keeps the thread: it ends by itself, as a native library needs it to. */
async function end(): Promise<void> {
  await session?.release().catch(() => undefined);
  parentPort?.close();
}

function tell(said: Answer): void {
  parentPort?.postMessage(said, []);
}
