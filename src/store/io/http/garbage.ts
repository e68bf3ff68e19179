import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

/** Bytes from sockets between two collections of what is young. */
const BETWEEN = 8 * 2 ** 20;

let collect: Collect | undefined;
let since = 0;

/**
 * Told of each chunk that came from a socket and is done with. Each is 64 KiB outside of V8's heap, and a few bytes in it: V8 sees
 * no reason to look at what is young, lets 64 MiB and more gather, and then collects everything, all the time. To collect what is
 * young every few megabytes takes a third of the processor's time off a download, and 60 MB off the process.
 */
export function discard({ buffer, byteLength }: Uint8Array): void {
  since += byteLength;
  // It is freed now where it is all of its memory; what parsers copied it from is left to the collector.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  if (since < BETWEEN) return;
  since = 0;
  collect ??= collector();
  collect({ type: 'minor' });
}

function collector(): Collect {
  setFlagsFromString('--expose-gc');
  const found = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return found;
}
