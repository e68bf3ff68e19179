/** Its end, and clients that would hold on to it. */
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { type Case, every } from '../case.ts';
import { open } from '../http.ts';
import { modelPath, type Peer } from '../peer.ts';
import { asks, until } from '../server.ts';
import { pair } from '../tensors.ts';
import { keepBusy } from './batching.ts';

/** 408, or closed without a word. */
const CLOSED = /^(?:HTTP\/1\.1 408 |$)/;

/** Sends the beginning of a request, byte after byte, until the server closes; gives what it said. */
async function trickle(peer: Peer, begun: string): Promise<string> {
  const socket = open(peer.place.http);
  socket.on('error', () => undefined);
  socket.write(begun);
  const dripping = setInterval(() => socket.write('x'), 100);
  try {
    return (await buffer(socket)).toString();
  } finally {
    clearInterval(dripping);
    socket.destroy();
  }
}

export const life: readonly Case[] = [
  {
    id: 136,
    title: 'at SIGTERM it is no longer ready, what runs is answered, and it ends with 0',
    needs: ['own'],
    run: async peer => {
      const own = await peer.start({ flags: ['--drain-delay', '1s', '--grace', '15s'] });
      const busy = await keepBusy(own);
      const ended = own.server.stop('SIGTERM');
      let running = true;
      void ended.then(() => (running = false));
      return every({
        'not ready': async () => {
          await until(async () => !running || !(await asks(`${own.place.http}/v2/health/ready`)));
          assert(running, '/v2/health/ready is 200 until the end');
        },
        'in flight': async () => assert.deepEqual(new Set(await busy.statuses), new Set(['200'])),
        exit: async () => {
          const { code, signal, stderr } = await ended;
          assert.deepEqual([code, signal], [0, null], `${code ?? signal}: ${stderr.slice(0, 500)}`);
        },
      });
    },
  },
  {
    id: 144,
    title: 'a client that sends its headers or body too slowly is closed, and harms no other',
    needs: ['own'],
    run: async peer => {
      const own = await peer.start({ flags: ['--request-time', '1s'] });
      const line = `POST ${modelPath('S')}/infer HTTP/1.1\r\nHost: x\r\n`;
      const slow = [trickle(own, `${line}x-slow: `), trickle(own, `${line}Content-Length: 100000\r\n\r\n`)];
      await own.infer('S', { inputs: pair() });
      const [headers = '', body = ''] = await Promise.all(slow);
      return every({
        headers: async () => assert.match(headers, CLOSED),
        body: async () => assert.match(body, CLOSED),
      });
    },
  },
];
