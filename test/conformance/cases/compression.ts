/** Bodies that are compressed, one way and the other. */
import assert from 'node:assert/strict';
import { constants, createGzip, deflateSync, gunzipSync, gzipSync } from 'node:zlib';
import { type Case, every } from '../case.ts';
import type { Answer } from '../http.ts';
import type { Peer } from '../peer.ts';
import { binaryInput, framed, int32s, only, pair, split } from '../tensors.ts';
import { type Json, textOf } from '../text.ts';

const text = Buffer.from(textOf({ inputs: pair() }));
const ones = int32s(...Array.from({ length: 16 }, () => 1));

function encoded(encoding: string, body: Buffer, headers = {}): [Buffer, Record<string, string>] {
  return [body, { 'Content-Encoding': encoding, ...headers }];
}

/** Asks F for 4096 floats, one more in bytes, with what the client accepts. */
async function ask(peer: Peer, accept: string, more: Json = {}): Promise<Answer> {
  const zeros = Array.from({ length: 4096 }, () => 0);
  const body = { ...(only('FP32', [1, 4096], zeros) as Record<string, Json>), parameters: more };
  return peer.good(peer.request('F', body, { 'Accept-Encoding': accept }));
}

/** Gzip of so many MiB of spaces: blocks that stand for themselves, repeated. Its checksum is never reached. */
async function bomb(mebibytes: number): Promise<Buffer> {
  const gzip = createGzip();
  const blocks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => blocks.push(chunk));
  const flushed = async (): Promise<Buffer> => {
    gzip.write(Buffer.alloc(2 ** 20, ' '));
    await new Promise<void>(resolve => gzip.flush(constants.Z_FULL_FLUSH, resolve));
    return Buffer.concat(blocks.splice(0));
  };
  const [first, second] = [await flushed(), await flushed()];
  gzip.destroy();
  return Buffer.concat([first, ...Array.from({ length: mebibytes - 1 }, () => second)]);
}

export const compression: readonly Case[] = [
  {
    id: 78,
    title: 'bodies in gzip and deflate are read; the header counts the JSON before compression',
    needs: ['S'],
    run: peer => {
      const inputs = [pair()[0] as Json, binaryInput('INPUT1', 'INT32', [1, 16], 64)];
      const { body, headers } = framed({ inputs }, ones);
      const send =
        (encoding: string, bytes: Buffer, more = {}) =>
        async () => {
          const { outputs } = await peer.infer('S', ...encoded(encoding, bytes, more));
          assert.equal(outputs.length, 2);
        };
      return every({
        gzip: send('gzip', gzipSync(text)),
        'gzip with bytes': send('gzip', gzipSync(body), headers),
        deflate: send('deflate', deflateSync(text)),
      });
    },
  },
  {
    id: 79,
    title: 'an unknown encoding is 415 and names those known; what is not gzip is 400',
    needs: ['S'],
    run: peer => {
      const unknown = (encoding: string) => async () => {
        const request = peer.request('S', ...encoded(encoding, text));
        const { headers } = await peer.refuse(request, 415, /./, { triton: 501 });
        assert.match(headers['accept-encoding'] ?? '', /gzip/, 'Accept-Encoding');
      };
      const broken = (bytes: Buffer) => async () =>
        void (await peer.refuse(peer.request('S', ...encoded('gzip', bytes)), 400, /./, { triton: 500 }));
      return every({
        br: unknown('br'),
        zstd: unknown('zstd'),
        'plain text': broken(text),
        'cut short': broken(gzipSync(text).subarray(0, -12)),
      });
    },
  },
  {
    id: 80,
    title: 'a megabyte that inflates to a gigabyte is refused, without memory for it',
    needs: ['S'],
    run: async peer => {
      const body = await bomb(1024);
      const target = peer.starts ? await peer.start({ flags: ['--max-body', '16Mi'] }) : peer;
      // The first request that is large and packed brings what every later one has.
      await target.send(target.request('S', ...encoded('gzip', await bomb(1))));
      const before = target.memory();
      const request = target.request('S', ...encoded('gzip', body));
      await target.refuse(request, [400, 413], /./, { triton: 500 });
      const after = target.memory();
      if (before === undefined || after === undefined) return;
      const most = peer.starts ? 64 : 512;
      assert(after - before < most * 2 ** 20, `memory grew by ${after - before} bytes`);
    },
  },
  {
    id: 81,
    title: 'answers are compressed for those who accept it, and for no others',
    needs: ['F'],
    run: peer => {
      const plain = (accept: string) => async () => {
        const { headers } = await ask(peer, accept);
        assert.equal(headers['content-encoding'] ?? 'identity', 'identity');
      };
      return every({
        gzip: async () => {
          const answer = await ask(peer, 'gzip', { binary_data_output: true });
          assert.equal(answer.headers['content-encoding'], 'gzip');
          const inflated = { ...answer, body: gunzipSync(answer.body) };
          assert.equal(split(inflated).bytes('OUTPUT0').length, 4 * 4096);
        },
        'gzip;q=0': plain('gzip;q=0'),
        identity: plain('identity'),
      });
    },
  },
];
