/** Less than this is not worth the call. Bytes. */
const WORTH_IT = 16 * 1024;

/**
 * Frees memory of which nobody needs anything any more. The collector would do so too, but late, and counts all of it as
 * pressure until then: a few hundred kilobytes a request cost a full collection every second. Memory of which there may be
 * other views stays as it is.
 */
export function letGo({ buffer, byteLength }: ArrayBufferView): void {
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  if (!isWhole || byteLength < WORTH_IT) return;
  try {
    buffer.transfer(0);
  } catch {
    // What was marked as never to move stays with whoever marked it.
  }
}
