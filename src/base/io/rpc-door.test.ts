import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Client, credentials, status } from '@grpc/grpc-js';
import type { RpcCall, RpcHandler, RpcReceiver } from '../rpc/call.ts';
import type { RpcLimits } from '../rpc/limits.ts';
import { RpcDoor } from './rpc-door.ts';

const limits: RpcLimits = {
  handshakeMs: 1000,
  idleMs: 60_000,
  silentMs: 60_000,
  messageMs: 60_000,
  messageBytes: 128 * 1024 * 1024,
  messagesAhead: 4,
  streamsPerConnection: 100,
};

class Counted {
  held = 0;
  hold(bytes: number): void {
    this.held += bytes;
  }
  release(bytes: number): void {
    this.held -= bytes;
  }
}

async function open(t: TestContext, handler: RpcHandler, changes: Partial<RpcLimits> = {}) {
  const budget = new Counted();
  const door = await RpcDoor.open({ host: '127.0.0.1', port: 0, limits: { ...limits, ...changes }, budget });
  t.after(() => door.close(0));
  door.serve(handler);
  return { door, budget };
}

/** Sends back each message. */
class Echo implements RpcReceiver {
  readonly #call: RpcCall;
  constructor(call: RpcCall) {
    this.#call = call;
  }
  message(bytes: Buffer): void {
    this.#call.send([bytes]);
    this.#call.release();
  }
  ended(): void {
    this.#call.finish(status.OK, '');
  }
  cancelled(): void {}
}

const echo: RpcHandler = call => new Echo(call);

function client(t: TestContext, door: RpcDoor): Client {
  const it = new Client(new URL(door.url).host, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  t.after(() => it.close());
  return it;
}

const same = (bytes: Buffer): Buffer => bytes;

function unary(it: Client, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    it.makeUnaryRequest('/test.Echo/Call', same, same, bytes, (error, answer) =>
      error === null ? resolve(answer as Buffer) : reject(error),
    );
  });
}

for (const size of [0, 1, 256, 20_000, 70_000, 1_000_000, 64 * 1024 * 1024]) {
  test(`a message of ${size} bytes comes back`, async t => {
    const { door, budget } = await open(t, echo);
    const sent = Buffer.alloc(size, 'abc');
    assert.ok((await unary(client(t, door), sent)).equals(sent));
    await door.close(1000);
    assert.equal(budget.held, 0);
    assert.equal(door.owed, 0);
  });
}
