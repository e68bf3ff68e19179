/** Bodies of predictions over HTTP, through every translator: decoded for a model, and answered. */
import assert from 'node:assert/strict';
import type { Reply, Translator } from '../../../src/server/protocols/port.ts';
import { translators } from '../../../src/server/protocols/translators.ts';
import { HEADER } from '../../../src/server/protocols/v2/binary.ts';
import { Scanner } from '../../../src/server/tensors/scanner.ts';
import { type Border, refusal } from '../border.ts';
import { BODY_WORDS, bodyFor } from '../make/bodies.ts';
import { JSON_TOKENS } from '../make/json.ts';
import { bytesOf, type FuzzModel, modelNamed, models } from '../models.ts';
import { mutate } from '../mutate.ts';

const tokens = [...JSON_TOKENS, ...BODY_WORDS];

/** A head is the translator's name, the model's, and perhaps the length of the JSON that a header tells. */
export const bodies: Border = {
  name: 'bodies',
  make(random) {
    const { name } = random.pick(translators);
    const model = random.pick(models);
    const { bytes, json = '' } = bodyFor(name, model, random);
    return { head: `${name} ${model.name} ${json}`.trim(), body: bytes };
  },
  change(known, other, random) {
    const [translator, model, length = ''] = known.head.split(' ');
    const wanted = random.chance(0.1) ? random.pick(models).name : model;
    const told = random.chance(0.1) && length !== '' ? String(random.below(known.body.length + 2)) : length;
    const body = mutate(known.body, random, { tokens, other: other.body });
    return { head: `${translator} ${wanted} ${told}`.trim(), body };
  },
  take({ head, body }) {
    const [name, model, length] = head.split(' ');
    const translator = translators.find(one => one.name === name);
    assert(translator !== undefined, `there is no translator '${name}'`);
    const headers = length === undefined ? {} : { [HEADER]: length };
    return `${name} ${taken(translator, modelNamed(model), { bytes: body, headers })}`;
  },
};

/** Memory that a tensor may take beyond what its text does: what TensorFlow's clients leave out, and a buffer's growth. */
const MOST_MORE = 5 * 1024 * 1024;
/** A byte of text is two bytes of `0,`, and eight of a double. */
const MOST_TIMES = 16;

export function taken(
  translator: Translator,
  model: FuzzModel,
  content: Parameters<Translator['decode']>[0],
): string {
  try {
    const { request, form } = translator.decode(content, model);
    const size = bytesOf(request.inputs);
    const most = MOST_MORE + MOST_TIMES * content.bytes.length;
    assert(size <= most, `${content.bytes.length} bytes became tensors of ${size}`);
    for (const { shape, data } of request.inputs) checkCount(shape, data.length);
    const reply = translator.answer(form, { model, outputs: model.run(request), seconds: 0 });
    checkReply(reply);
    return `${model.name} ${reply.type}`;
  } catch (error: unknown) {
    return refusal(error);
  }
}

export function checkCount(shape: readonly number[], length: number): void {
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  assert.equal(length, count, `a tensor of shape [${String(shape)}] has ${length} elements`);
}

/** What is answered is what its type says. */
export function checkReply({ status, type, body, headers = [] }: Reply): void {
  assert(status === 200, `an answer has the status ${status}`);
  const bytes = Buffer.concat(
    typeof body === 'string' ? [Buffer.from(body)] : body.map(piece => Buffer.from(piece as string)),
  );
  const at = headers.indexOf('Inference-Header-Content-Length');
  const text = at === -1 ? bytes : bytes.subarray(0, Number(headers[at + 1]));
  if (type === 'application/json' && text.length === 0) return;
  const scanner = new Scanner(text);
  scanner.skip();
  scanner.end();
}
