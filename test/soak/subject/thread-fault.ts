/**
 * Loaded into every thread of the soak's server before its own program: it throws when it is told to. A thread may be ended
 * so at any time, as it happens between two turns of its event loop. From outside, it would be ended in the middle of
 * native code, which takes the whole process along.
 */
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';
import { CHANNEL } from './channel.ts';

if (!isMainThread) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener('message', event => {
    if ((event as MessageEvent).data === threadId) setImmediate(fail);
  });
  channel.unref();
}

function fail(): never {
  throw new Error('the soak ends this thread');
}
