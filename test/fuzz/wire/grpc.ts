import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { Border } from '../border.ts';
import { changed } from '../borders/calls.ts';
import type { Case } from '../case.ts';
import { messageFor } from '../make/calls.ts';
import type { FuzzModel } from '../models.ts';
import { methods } from '../services.ts';
import { PATIENCE_MS } from './connection.ts';

/** Calls that share a connection. */
const CALLS_PER_SESSION = 200;

/** Calls of a real client with any message. A head is the path, and what the message is compressed with. */
export function grpcBorder(port: number, models: readonly FuzzModel[]): Border & { close(): void } {
  const caller = new Caller(port);
  return {
    name: 'grpc',
    make(random) {
      const { path, types } = random.pick([...methods.values()]);
      const encoding = random.chance(0.8) ? 'identity' : random.pick(['gzip', 'wrong', 'cut', 'twice']);
      return { head: `${path} ${encoding}`, body: messageFor(path, types, random.pick(models), random) };
    },
    change: (known, other, random) => ({ head: known.head, body: changed(known.body, other.body, random) }),
    async take(one) {
      const { status, message } = await caller.call(one);
      const isFault = status === '2' || (status === '13' && !message.includes('not a valid gRPC call'));
      assert(!isFault, `the call ended with status ${status}: ${message}`);
      return `${one.head.replace(/^.*\//, '')} ${status}`;
    },
    close: () => caller.close(),
  };
}

class Caller {
  readonly #port: number;
  #session: ClientHttp2Session | undefined;
  #left = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async call({ head, body }: Case): Promise<{ status: string; message: string }> {
    const [path = '', encoding = ''] = head.split(' ');
    const stream = this.#open().request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      // Watching health ends by nothing else.
      'grpc-timeout': '1S',
      ...(encoding !== 'identity' && { 'grpc-encoding': 'gzip' }),
    });
    const { promise, resolve } = Promise.withResolvers<IncomingHttpHeaders | undefined>();
    stream.on('response', headers => 'grpc-status' in headers && resolve(headers));
    stream.on('trailers', resolve);
    stream.on('error', () => undefined);
    stream.on('close', () => resolve(undefined));
    stream.resume();
    stream.end(framesOf(body, encoding));
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stream.destroy();
    }, PATIENCE_MS);
    const said = await promise;
    clearTimeout(timer);
    assert(!isLate, 'the call was not answered in time');
    return {
      status: String(said?.['grpc-status'] ?? 'none'),
      message: decodeURIComponent(String(said?.['grpc-message'] ?? '')),
    };
  }

  close(): void {
    this.#session?.destroy();
  }

  #open(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed && this.#left-- > 0)
      return this.#session;
    this.#session?.close();
    const session = connect(`http://127.0.0.1:${this.#port}`);
    session.on('error', () => undefined);
    this.#session = session;
    this.#left = CALLS_PER_SESSION;
    return session;
  }
}

function framesOf(body: Buffer, encoding: string): Buffer {
  if (encoding === 'identity') return framed(body, 0);
  const packed = gzipSync(body);
  if (encoding === 'wrong') return framed(body, 1);
  if (encoding === 'cut') return framed(packed.subarray(0, packed.length >> 1), 1);
  return encoding === 'twice' ? Buffer.concat([framed(packed, 1), framed(body, 0)]) : framed(packed, 1);
}

function framed(body: Buffer, flag: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}
