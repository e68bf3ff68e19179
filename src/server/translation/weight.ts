import type { Answered, Content, Translator } from '../protocols/port.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';

/** Text from which on reading it would hold up other requests for some milliseconds. Bytes. */
const MUCH_TEXT = 256 * 1024;

/** Elements from which on writing them as text would. */
const MANY_ELEMENTS = 32 * 1024;

/** Bytes within strings that cost what an element does. */
const BYTES_OF_ELEMENT = 16;

/** Whether reading a request takes long enough to be done in another thread. */
export function isLongToRead(translator: Translator, content: Content): boolean {
  return (translator.textOf?.(content) ?? content.bytes.length) > MUCH_TEXT;
}

/** Whether wording an answer does. */
export function isLongToWrite(translator: Translator, form: unknown, { outputs }: Answered): boolean {
  let elements = 0;
  for (const [position, { data }] of outputs.entries())
    if (translator.isText?.(form, position) ?? true)
      elements += data.length + (data instanceof ByteStrings ? data.bytes.length / BYTES_OF_ELEMENT : 0);
  return elements > MANY_ELEMENTS;
}
