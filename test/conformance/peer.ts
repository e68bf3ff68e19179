/** A server under test, and what is expected of its answers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Need, Skip } from './case.ts';
import { type Fixture, type FixtureName, fixtures } from './fixtures.ts';
import { type Answer, type Request, send } from './http.ts';
import { Rpc } from './rpc.ts';
import type { Server, ServerOptions } from './server.ts';
import { type Json, readExact, textOf } from './text.ts';

export interface Place {
  /** `http://host:port`, perhaps with a path before every path. */
  readonly http: string;
  /** `host:port`. */
  readonly grpc?: string | undefined;
}

export interface PeerOptions extends Place {
  /** Where Triton's answer is another, accept that too. */
  readonly triton?: boolean;
  /** The server, when it was started here. */
  readonly server?: Server;
  /** Starts a fairlead of the case's own; undefined when the server under test is somebody's. */
  readonly start?: (options: StartOptions) => Promise<Peer>;
}

/** A server of a case's own: by default with S and slow. */
export type StartOptions = Partial<ServerOptions> & { readonly fixtures?: readonly Fixture[] };

/** What Triton answers, where that is not what the case expects. */
export interface Otherwise {
  readonly triton?: number | readonly number[];
}

export interface OutputText {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface InferText {
  readonly id?: string;
  readonly model_name: string;
  readonly model_version?: string;
  readonly outputs: readonly OutputText[];
}

type Protocol = 'grpc' | 'tfserving' | 'plain';

const lacking: Readonly<Record<Protocol, string>> = {
  grpc: 'no gRPC address is given',
  tfserving: "the server has none of TensorFlow Serving's paths",
  plain: 'the server has no plain protocol',
};

export class Peer {
  readonly place: Place;
  readonly triton: boolean;
  readonly #options: PeerOptions;
  #rpc: Rpc | undefined;

  constructor(options: PeerOptions) {
    this.place = options;
    this.triton = options.triton ?? false;
    this.#options = options;
  }

  /** Whether the server under test is a fairlead that was started here. */
  get own(): boolean {
    return this.#options.server !== undefined;
  }

  /** Whether a case may start others beside it. */
  get starts(): boolean {
    return this.#options.start !== undefined;
  }

  /** The process, of a server that was started here. */
  get server(): Server {
    const { server } = this.#options;
    assert(server !== undefined, 'the server was not started here');
    return server;
  }

  get rpc(): Rpc {
    const { grpc } = this.place;
    if (grpc === undefined) throw new Error('the server tells of no gRPC port');
    this.#rpc ??= new Rpc(grpc);
    return this.#rpc;
  }

  /** Starts a fairlead that is stopped after the case. */
  start(options: StartOptions): Promise<Peer> {
    const { start } = this.#options;
    assert(start !== undefined, 'a case that starts servers needs "own"');
    return start(options);
  }

  async close(): Promise<void> {
    this.#rpc?.close();
    await this.#options.server?.stop();
  }

  /** Why a case cannot be asked of this server; undefined when it can. */
  async lacks(needs: readonly Need[]): Promise<string | undefined> {
    for (const need of needs) {
      const reason = await this.#lack(need);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  async #lack(need: Need): Promise<string | undefined> {
    if (need === 'own') return this.starts ? undefined : 'the case must start and stop the server itself';
    if (need === 'grpc' || need === 'tfserving' || need === 'plain') {
      // Of fairlead all is expected: what it has not is a fault.
      return this.own || (await this.#speaks(need)) ? undefined : lacking[need];
    }
    const { name } = fixtures[need];
    const { status } = await this.get(`/v2/models/${name}/ready`);
    return status === 200 ? undefined : `the server has no model '${name}'`;
  }

  async #speaks(protocol: Protocol): Promise<boolean> {
    if (protocol === 'grpc') return this.place.grpc !== undefined;
    if (protocol === 'tfserving') return (await this.get('/v1/models')).status === 400;
    return (await this.post(`/models/${fixtures.labelled.name}/predict`, {})).status !== 404;
  }

  send(request: Request): Promise<Answer> {
    const { pathname } = new URL(this.place.http);
    return send(this.place.http, { ...request, path: pathname.replace(/\/$/, '') + request.path });
  }

  get(path: string): Promise<Answer> {
    return this.send({ path });
  }

  post(path: string, body: Json | Buffer, headers: Request['headers'] = {}): Promise<Answer> {
    return this.send({ method: 'POST', path, body: bytesOf(body), headers });
  }

  /** Sends a request that must be answered 200. */
  async good(request: Request): Promise<Answer> {
    const answer = await this.send(request);
    assert.equal(answer.status, 200, shown(request, answer));
    return answer;
  }

  /** Sends a request that must be refused with a status, and a JSON error that says so. */
  async refuse(
    request: Request,
    status: number | readonly number[],
    says: RegExp = /./,
    otherwise: Otherwise = {},
  ): Promise<Answer> {
    const answer = await this.send(request);
    this.refused(answer, status, { says, ...otherwise, of: request });
    return answer;
  }

  refused(
    answer: Answer,
    status: number | readonly number[],
    { says = /./, triton, of }: Otherwise & { readonly says?: RegExp; readonly of?: Request } = {},
  ): void {
    const also = this.triton && triton !== undefined ? [triton].flat() : [];
    const expected = [[status].flat(), also].flat();
    const seen = shown(of, answer);
    assert(expected.includes(answer.status), `${expected.join(' or ')} is expected: ${seen}`);
    assert(answer.status < 400 || errorOf(answer) !== undefined, `the body is no {"error": …}: ${seen}`);
    // Where Triton's status is another, so are its words.
    if (answer.status >= 400 && !also.includes(answer.status))
      assert.match(errorOf(answer) ?? '', says, `its words: ${seen}`);
  }

  /** The infer request of a model. */
  request(model: FixtureName, body: Json | Buffer, headers: Request['headers'] = {}): Request {
    return { method: 'POST', path: `${modelPath(model)}/infer`, body: bytesOf(body), headers };
  }

  /** An infer request that must be answered 200, with its answer in JSON. */
  async infer(model: FixtureName, body: Json | Buffer, headers: Request['headers'] = {}): Promise<InferText> {
    return read(await this.good(this.request(model, body, headers))) as InferText;
  }

  /** Resident memory in bytes, now or at its most; undefined when the server does not tell. */
  memory(): number | undefined {
    const { server } = this.#options;
    if (server === undefined || process.platform !== 'linux') return undefined;
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Whether anything answers there. */
  async lives(): Promise<boolean> {
    return this.get('/v2/health/live').then(
      () => true,
      () => false,
    );
  }

  /** Asserts that the server lives, and answers a good request. */
  async assertWell(): Promise<void> {
    const live = await this.get('/v2/health/live');
    assert.equal(live.status, 200, 'the server does not live any more');
    if ((await this.lacks(['S'])) !== undefined) return;
    const { outputs } = await this.infer('S', { inputs: [integers('INPUT0', 2), integers('INPUT1', 1)] });
    assert.deepEqual(outputs[0]?.data?.[0], 3, 'a good request is not answered well any more');
  }
}

/** A [1,16] input of S, of one number. */
function integers(name: string, value: number): Json {
  return { name, shape: [1, 16], datatype: 'INT32', data: Array.from({ length: 16 }, () => value) };
}

export function modelPath(model: FixtureName): string {
  return `/v2/models/${fixtures[model].name}`;
}

/** An answer's JSON, with exact numbers; the caller says what it should be. */
export function read({ body }: Answer): unknown {
  return readExact(body.toString('utf8'));
}

/** Bytes as they are, anything else as JSON text. */
function bytesOf(body: Json | Buffer): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(textOf(body));
}

export function errorOf({ body }: Answer): string | undefined {
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}

function shown(request: Request | undefined, { status, body }: Answer): string {
  const asked = request === undefined ? '' : `${request.method ?? ''} ${request.path.slice(0, 100)} `;
  return `${asked}is ${status} ${body.subarray(0, 300).toString('utf8')}`;
}

/** Ends a part that a limit of the server makes impossible, when its words say that it is that limit. */
export function skipIf(answer: Answer, says: RegExp, reason: string): void {
  const error = errorOf(answer);
  if (answer.status >= 400 && error !== undefined && says.test(error)) throw new Skip(reason);
}
