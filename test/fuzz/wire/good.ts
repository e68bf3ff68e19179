/** Good requests, whatever else is going on: both ports answer them, and soon. */

import { Agent, request } from 'node:http';
import { connect } from 'node:http2';
import { goodFrame } from '../make/h2.ts';

/** Milliseconds. */
const MOST_MS = 1000;

/** A busy machine is slow by itself now and then. */
const TIMES = 4;

/** What is wrong with the answers to good requests, if anything is. */
export async function goodFault(httpPort: number, grpcPort: number): Promise<string | undefined> {
  let fault: string | undefined;
  for (let left = TIMES; left > 0; left--) {
    const start = performance.now();
    fault = (await httpFault(httpPort)) ?? (await grpcFault(grpcPort));
    const ms = performance.now() - start;
    if (fault === undefined && ms > 2 * MOST_MS) fault = `good requests took ${Math.round(ms)} ms`;
    if (fault === undefined) return undefined;
  }
  return fault;
}

const BODY = '{"inputs":[[1,2,3]]}';

/** What a good request is told of a model that a client has unloaded, and of one that is on its way back. */
const AWAY = [404, 503];

/** A model that is away is loaded again, behind whatever else is done about it, and then answers. */
async function httpFault(port: number): Promise<string | undefined> {
  const first = await ask(port, '/models/fp32/predict', BODY);
  if (!AWAY.includes(first.status)) return faultOf(first);
  const loaded = await ask(port, '/v2/repository/models/fp32/load', '');
  if (loaded.status !== 200) return `fp32 was not loaded again: ${loaded.body}`;
  return faultOf(await ask(port, '/models/fp32/predict', BODY));
}

function faultOf({ status, body }: Answer): string | undefined {
  return status === 200 ? undefined : `a good request was answered ${status}: ${body}`;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function ask(port: number, path: string, body: string): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const options = { host: '127.0.0.1', port, path, method: 'POST', timeout: 10_000, agent: new Agent() };
  const asked = request(options, response => {
    let text = '';
    response.on('data', chunk => (text += String(chunk)));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
  });
  asked.on('error', error => resolve({ status: 0, body: error.message }));
  asked.on('timeout', () => asked.destroy(new Error('it was not answered in 10 s')));
  asked.end(body);
  return promise;
}

async function grpcFault(port: number): Promise<string | undefined> {
  const session = connect(`http://127.0.0.1:${port}`);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  session.on('error', error => resolve(error.message));
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ServerLive',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const tell = (status: unknown): void =>
    resolve(status === '0' ? undefined : `a good call ended with ${String(status)}`);
  stream.on('response', headers => 'grpc-status' in headers && tell(headers['grpc-status']));
  stream.on('trailers', trailers => tell(trailers['grpc-status']));
  stream.on('error', error => resolve(error.message));
  stream.on('close', () => tell('no status'));
  stream.resume();
  stream.end(goodFrame);
  const timer = setTimeout(() => resolve('a good call was not answered in 10 s'), 10_000);
  const fault = await promise;
  clearTimeout(timer);
  session.destroy();
  return fault;
}
