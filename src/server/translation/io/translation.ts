import { type Transferable, Worker } from 'node:worker_threads';
import { failure, messageOf } from '#base';
import type { ServedModel } from '../../models/signature.ts';
import type { Somewhere } from '../../predictions.ts';
import type { Answered, Content, Decoded, Reply, Translator } from '../../protocols/port.ts';
import { errorOf, movable, type Outcome, packed, plainModel, type Question, unpacked } from '../messages.ts';
import { isLongToRead, isLongToWrite } from '../weight.ts';

/** In a bundle, the thread's program lies beside this one. */
const PROGRAM = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url);

interface Waiting {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Reads large bodies and words large answers in another thread, so that nobody else waits for them; whatever is small is
 * done here. The thread is started when it is first needed, and again when it has died.
 */
export class Translation {
  /** Asked for and not yet told, by number. Large bodies only, so few: what holds their bytes bounds them. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #made = new Map<Translator, Somewhere<unknown, Reply, Content>>();
  #worker: Worker | undefined;
  #count = 0;

  /** A translator that does what is long elsewhere; one and the same for each. */
  of(translator: Translator): Somewhere<unknown, Reply, Content> {
    const made = this.#made.get(translator) ?? this.#make(translator);
    this.#made.set(translator, made);
    return made;
  }

  #make(translator: Translator): Somewhere<unknown, Reply, Content> {
    return {
      decode: (content, model) =>
        isLongToRead(translator, content)
          ? this.#decode(translator, content, model)
          : translator.decode(content, model),
      answer: (form, answered) =>
        isLongToWrite(translator, form, answered)
          ? this.#answer(translator, form, answered)
          : translator.answer(form, answered),
    };
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #decode({ name }: Translator, content: Content, model: ServedModel): Promise<Decoded<unknown>> {
    const bytes = movable(content.bytes);
    const question: Question = {
      kind: 'decode',
      translator: name,
      content: { bytes: bytes as Buffer, headers: content.headers },
      model: plainModel(model),
    };
    const outcome = await this.#ask(question, [bytes.buffer]);
    if (outcome.kind !== 'decoded') throw unexpected(outcome);
    const { request, form } = outcome.decoded;
    return { request: { ...request, inputs: unpacked(request.inputs) }, form };
  }

  async #answer({ name }: Translator, form: unknown, answered: Answered): Promise<Reply> {
    const { value: outputs, transfer } = packed(answered.outputs);
    const outcome = await this.#ask(
      {
        kind: 'answer',
        translator: name,
        form,
        answered: { model: plainModel(answered.model), outputs, seconds: answered.seconds },
      },
      transfer,
    );
    if (outcome.kind !== 'reply') throw unexpected(outcome);
    return outcome.reply;
  }

  #ask(question: Question, transfer: readonly ArrayBuffer[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const id = this.#count++;
      this.#waiting.set(id, { resolve, reject });
      this.#running().postMessage({ id, question }, transfer as Transferable[]);
    });
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(PROGRAM, { name: 'translation' });
    worker.unref();
    worker.on('message', ({ id, outcome }: { id: number; outcome: Outcome }) => {
      this.#waiting.get(id)?.resolve(outcome);
      this.#waiting.delete(id);
    });
    worker.on('error', error => this.#died(worker, messageOf(error)));
    worker.on('exit', () => this.#died(worker, 'it ended'));
    this.#worker = worker;
    return worker;
  }

  #died(worker: Worker, problem: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values())
      reject(failure('internal', { problem: `the thread that reads large bodies died: ${problem}` }));
    this.#waiting.clear();
  }
}

function unexpected(outcome: Outcome): Error {
  if (outcome.kind === 'failed') return errorOf(outcome);
  return failure('internal', { problem: `a thread answered '${outcome.kind}'` });
}
