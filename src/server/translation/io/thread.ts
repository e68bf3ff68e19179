/** The other thread's side: translates what it is asked to, one after the other. */
import { parentPort, type Transferable } from 'node:worker_threads';
import { failure } from '#base';
import type { Reply, Translator } from '../../protocols/port.ts';
import { translators } from '../../protocols/translators.ts';
import { failed, movable, type Outcome, type Parcel, packed, type Question, unpacked } from '../messages.ts';

parentPort?.on('message', ({ id, question }: { id: number; question: Question }) => {
  const { value, transfer } = outcomeOf(question);
  parentPort?.postMessage({ id, outcome: value }, transfer as Transferable[]);
});

function outcomeOf(question: Question): Parcel<Outcome> {
  try {
    const translator = translators.find(({ name }) => name === question.translator);
    if (translator === undefined)
      throw failure('internal', { problem: `there is no translator '${question.translator}'` });
    return question.kind === 'decode' ? decoded(translator, question) : worded(translator, question);
  } catch (error: unknown) {
    return { value: failed(error), transfer: [] };
  }
}

function decoded(
  translator: Translator,
  { content, model }: Extract<Question, { kind: 'decode' }>,
): Parcel<Outcome> {
  const { bytes } = content;
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { request, form } = translator.decode({ ...content, bytes: body }, model);
  const { value: inputs, transfer } = packed(request.inputs);
  return { value: { kind: 'decoded', decoded: { request: { ...request, inputs }, form } }, transfer };
}

function worded(
  translator: Translator,
  { form, answered }: Extract<Question, { kind: 'answer' }>,
): Parcel<Outcome> {
  const reply = translator.answer(form, { ...answered, outputs: unpacked(answered.outputs) });
  const body = movable(bytesOf(reply));
  return { value: { kind: 'reply', reply: { ...reply, body: [body] } }, transfer: [body.buffer] };
}

function bytesOf({ body }: Reply): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.concat(body.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
