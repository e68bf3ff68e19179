/** Connections that want nothing, or never come to an end of what they want. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Place } from '../clients/place.ts';
import type { Kind } from '../kind.ts';
import { ARRIVES_MS } from '../subject/limits.ts';

const MOST_CONNECTIONS = 150;

/** Beginnings of requests, and what is none. */
const BEGINNINGS = [
  '',
  'G',
  'POST /predict HTTP/1.1\r\nHost: x\r\n',
  '\x16\x03\x01',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
];

export function flood({ http, grpc }: Place): Kind {
  const ports = [Number(new URL(http).port), Number(grpc.split(':').at(-1))];
  return {
    name: 'connection flood',
    family: 'hostile',
    rate: 1 / 8,
    most: 1,
    mustSee: [/./],
    async act(random) {
      const sockets = random.list(50 + random.below(MOST_CONNECTIONS - 50), () => open(random.pick(ports)));
      for (const socket of sockets) socket.write(random.pick(BEGINNINGS));
      await setTimeout(random.below(1500));
      for (const socket of sockets) socket.destroy();
      return 'borne';
    },
  };
}

/** More than the time that a request has to arrive. Milliseconds. */
const ENDED_MS = ARRIVES_MS + 15_000;

/** Half a body, and silence: the connection must come to an end, with a sentence. */
export function stalled({ http }: Place): Kind {
  const port = Number(new URL(http).port);
  return {
    name: 'stalled sender',
    family: 'hostile',
    rate: 0.5,
    most: 12,
    mustSee: [/^408$/],
    async act(random) {
      const socket = open(port);
      let received = '';
      socket.on('data', chunk => (received += String(chunk)));
      const part = '{"inputs":[['.repeat(random.below(2));
      socket.write(`POST /models/digits/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n${part}`);
      const isEnded = await Promise.race([
        once(socket, 'close').then(() => true),
        setTimeout(ENDED_MS, false, { ref: false }),
      ]);
      socket.destroy();
      if (!isEnded) throw new Error(`a stalled request was held for ${ENDED_MS} ms`);
      return /^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 'ended';
    },
  };
}

function open(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  return socket;
}
