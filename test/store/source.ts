/** A source of models on this machine: an HTTP server of a few files, which counts what it sends. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface LoopbackSource {
  readonly url: string;
  /** What lies there, by path: `/digits/3/model.onnx`. May be changed at any time. */
  readonly files: Map<string, Uint8Array>;
  /** Bytes of bodies that were sent, and requests that came. */
  readonly sent: () => number;
  readonly asked: () => number;
  /** After so many more bytes it goes silent, and leaves its connections open; Infinity for never. */
  silentAfter: number;
  /** Nobody answers any more. */
  readonly close: () => Promise<void>;
}

export async function loopbackSource(
  t: Pick<TestContext, 'after'>,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<LoopbackSource> {
  const there = new Map(Object.entries(files));
  let sent = 0;
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    const left = Math.max(0, source.silentAfter - sent);
    sent += answer(there.get(new URL(request.url ?? '/', 'http://x').pathname), { request, response, left });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  };
  t.after(close);
  const source = {
    url: `http://127.0.0.1:${port}`,
    files: there,
    sent: () => sent,
    asked: () => asked,
    silentAfter: Infinity,
    close,
  };
  return source;
}

/** As a plain server of files has it: a strong ETag, and ranges of one part. Gives the bytes of the body. */
function answer(bytes: Uint8Array | undefined, exchange: Exchange): number {
  const { request, response } = exchange;
  if (bytes === undefined) {
    response.writeHead(404).end();
    return 0;
  }
  const etag = `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`;
  const head = { etag, 'accept-ranges': 'bytes' };
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first === undefined) {
    response.writeHead(200, { ...head, 'content-length': bytes.length });
    return ended(bytes, exchange);
  }
  const end = Math.min(bytes.length - 1, last === '' || last === undefined ? Infinity : Number(last));
  const part = bytes.subarray(Number(first), end + 1);
  response.writeHead(206, {
    ...head,
    'content-length': part.length,
    'content-range': `bytes ${first}-${end}/${bytes.length}`,
  });
  return ended(part, exchange);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Bytes until it goes silent. */
  readonly left: number;
}

function ended(bytes: Uint8Array, { request, response, left }: Exchange): number {
  if (request.method === 'HEAD') {
    response.end();
    return 0;
  }
  if (bytes.length <= left) response.end(bytes);
  else response.write(bytes.subarray(0, left));
  return Math.min(bytes.length, left);
}
