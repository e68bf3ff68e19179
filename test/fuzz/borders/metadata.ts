/** What the headers of a gRPC call say, and what is said of them. */
import assert from 'node:assert/strict';
import { AppError } from '#base';
import { rpcStatusOf } from '#net';
import { headOf } from '../../../src/net/rpc/head.ts';
import { percentEncode } from '../../../src/net/rpc/status.ts';
import { parseRpcTimeout } from '../../../src/net/rpc/timeout.ts';
import type { RpcStream } from '../../../src/net/rpc/transport.ts';
import type { Border } from '../border.ts';
import { lines } from '../make/words.ts';
import { mutate } from '../mutate.ts';

const METADATA = lines(`
  content-type: application/grpc
  content-type: application/grpc+proto
  content-type: text/html
  grpc-timeout: 1S
  grpc-timeout: 99999999H
  grpc-timeout: 0n
  grpc-timeout: 123456789S
  grpc-timeout: 1
  grpc-encoding: gzip
  grpc-encoding: br
  grpc-encoding: identity
  :method: GET
  :method: POST`);

/** Headers of a call, a line each; what is said of them goes back in other headers. */
export const metadata: Border = {
  name: 'metadata',
  make: random => ({
    head: '',
    body: Buffer.from(random.list(random.below(5), () => random.pick(METADATA)).join('\n')),
  }),
  change: (known, other, random) => ({
    head: '',
    body: mutate(known.body, random, {
      tokens: METADATA.map(line => Buffer.from(`\n${line}`)),
      other: other.body,
    }),
  }),
  take({ body }) {
    checkEncoded(percentEncode(body.toString('utf16le')));
    const given = body
      .toString('latin1')
      .split('\n')
      .map(line => line.split(/: (.*)/s));
    const fields = new Map(given.map(([name = '', value = '']) => [name, value]));
    const timeout = parseRpcTimeout(fields.get('grpc-timeout') ?? '');
    assert(timeout === undefined || (timeout >= 0 && Number.isFinite(timeout)), `a timeout of ${timeout} ms`);
    const head = headOf({
      ...stream,
      method: fields.get(':method') ?? 'POST',
      header: name => fields.get(name),
    });
    if (!('http' in head)) return `${head.encoding} ${timeout === undefined ? 'no timeout' : 'timeout'}`;
    checkEncoded(percentEncode(head.message));
    assert(rpcStatusOf(new AppError('rpc_malformed', '', {})) > 0 && head.http < 500);
    return `${head.http} ${head.status}`;
  },
};

const nothing = (): void => undefined;
const stream: RpcStream = {
  method: 'POST',
  path: '/a.B/C',
  header: () => undefined,
  respond: nothing,
  write: () => true,
  end: nothing,
  reset: nothing,
  pause: nothing,
  resume: nothing,
};

/** Bytes that a peer's HTTP/2 takes as a header's value. */
function checkEncoded(text: string): void {
  assert(
    /^[\x20-\x7e]*$/.test(text) && text.length <= 4100 && text.trim() === text,
    `'${text}' cannot be a header's value`,
  );
}
