/** What a server may say on stderr: what it may say to a fuzzer, and of errors those that the soak provokes. */
import { isInOrder as isInOrderAnyway, type Line } from '../../fuzz/wire/stderr.ts';

/** What is said of a broken file, and of a thread that was killed. */
const TOLD = ['model not loaded', 'model not served', 'thread', 'worker'];

export function isInOrder(line: string): boolean {
  return line === '' || isInOrderAnyway(line, isProvoked);
}

function isProvoked({ code, message, error }: Line): boolean {
  // A poison, or a thread that died.
  if (code === 'inference_failed') return true;
  return TOLD.some(words => message.includes(words)) || String(error).includes('thread that reads');
}
