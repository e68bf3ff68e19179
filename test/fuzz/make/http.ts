/** Requests as bytes of HTTP/1, most of them in order. */
import { deflateSync, gzipSync } from 'node:zlib';
import { HEADER } from '../../../src/server/protocols/v2/binary.ts';
import type { FuzzModel } from '../models.ts';
import type { Random } from '../random.ts';
import { bodyFor } from './bodies.ts';
import { PATHS, REPOSITORY_BODIES } from './paths.ts';
import { lines, words } from './words.ts';

interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** One request after the other, as clients that pipeline send them. */
export function requests(models: readonly FuzzModel[], random: Random): Buffer {
  const count = random.chance(0.7) ? 1 : 1 + random.below(4);
  return Buffer.concat(random.list(count, () => bytesOf(request(models, random), random)));
}

function request(models: readonly FuzzModel[], random: Random): Request {
  const kind = random.below(10);
  const headers = random.list(random.size(4), () => random.pick(HEADERS));
  if (kind < 6) return prediction(random.pick(models), headers, random);
  const target = random.pick(PATHS);
  if (kind === 6) return { method: random.pick(METHODS), target, headers, body: Buffer.alloc(0) };
  return { method: 'POST', target, headers, body: Buffer.from(random.pick(REPOSITORY_BODIES)) };
}

const VERBS = {
  predict: 'predict',
  classify: 'tfserving.classify',
  regress: 'tfserving.regress',
} as const;

function prediction(model: FuzzModel, more: readonly string[], random: Random): Request {
  const name = encodeURIComponent(model.name);
  const verb = random.pick(['predict', 'predict', 'classify', 'regress'] as const);
  const [target, translator] = random.pick([
    [`/models/${name}/predict`, 'predict'],
    [`/v1/models/${name}:${verb}`, verb === 'predict' ? 'tfserving.predict' : VERBS[verb]],
    [`/v2/models/${name}/infer`, 'v2.infer'],
    [`/v2/models/${name}/versions/1/infer`, 'v2.infer'],
  ] as const);
  const { bytes: body, json } = bodyFor(translator, model, random);
  const bytes = random.chance(0.01) ? long(body, random) : body;
  return packed(
    {
      method: 'POST',
      target,
      headers: json === undefined ? more : [...more, `${HEADER}: ${json}`],
      body: bytes,
    },
    random,
  );
}

/** Long enough to be read in another thread, with white space or with rows. */
function long(body: Buffer, random: Random): Buffer {
  const row = '[1,2,3],';
  const rows = Buffer.from(`{"inputs":[${row.repeat(50_000)}[1,2,3]]}`);
  return random.chance(0.5)
    ? rows
    : Buffer.concat([body, Buffer.alloc(300_000, 0x20), Buffer.from(random.pick(['', '}', 'x']))]);
}

/** Compressed now and then, and sometimes not as the header says. */
function packed(whole: Request, random: Random): Request {
  if (random.chance(0.7)) return whole;
  const told = random.pick(['gzip', 'deflate', 'gzip', 'x-gzip', 'identity', 'br', 'gzip, gzip', '']);
  const headers = [...whole.headers, `Content-Encoding: ${told}`];
  const isLarge = random.chance(0.05);
  const content = isLarge ? Buffer.alloc(random.pick([100_000, 2_000_000]), 0x20) : whole.body;
  const bytes = told === 'deflate' ? deflateSync(content) : gzipSync(content);
  if (random.chance(0.1)) return { ...whole, headers, body: Buffer.concat([bytes, bytes]) };
  return {
    ...whole,
    headers,
    body: random.chance(0.9) ? bytes : bytes.subarray(0, random.below(bytes.length)),
  };
}

const METHODS = words('GET GET HEAD OPTIONS PUT DELETE POST PATCH TRACE CONNECT PRI get');

const HEADERS = lines(`
  Connection: keep-alive
  Connection: close
  Connection: Upgrade
  Upgrade: h2c
  Accept-Encoding: gzip
  Accept-Encoding: gzip;q=0, identity;q=0
  Accept-Encoding: *;q=0.5, br
  Expect: 100-continue
  Expect: tea
  Content-Type: application/json
  Content-Type: application/octet-stream
  x-request-id: fuzz
  traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
  Cookie: a=b
  X-A: \xe4
  Host: y
  Transfer-Encoding: gzip
  Content-Length: 5
  Origin: http://x
  Range: bytes=0-1
  If-None-Match: *`);

const FRAMINGS = ['length', 'length', 'length', 'chunks', 'chunks', 'none', 'both', 'wrong'] as const;

function bytesOf({ method, target, headers, body }: Request, random: Random): Buffer {
  const framing = random.pick(FRAMINGS);
  const told = framing === 'wrong' ? random.pick([0, 1, body.length + 1, 10 ** 9, 10 ** 20]) : body.length;
  const isChunked = framing === 'chunks' || framing === 'both';
  const all = [
    ...(random.chance(0.98) ? ['Host: x'] : []),
    ...headers,
    ...(framing === 'none' || framing === 'chunks' ? [] : [`Content-Length: ${told}`]),
    ...(isChunked
      ? [`Transfer-Encoding: ${random.pick(['chunked', 'chunked', 'Chunked', 'gzip, chunked'])}`]
      : []),
    ...(random.chance(0.01) ? random.list(random.pick([90, 210, 2000]), () => 'a: b') : []),
  ];
  const version = random.chance(0.95) ? '1.1' : random.pick(['1.0', '0.9', '2.0', '1.2']);
  const head = `${method} ${target} HTTP/${version}\r\n${all.join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), isChunked ? chunked(body, random) : body]);
}

function chunked(body: Buffer, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, 1 + random.size(4000));
    const told = random.chance(0.99)
      ? size.toString(16)
      : random.pick(['0', 'ffffffffffffffff', '-1', '', 'x']);
    const extension = random.chance(0.05)
      ? random.pick([';a=b', ';a="b"', ';', ' ;a', `;${'x'.repeat(3000)}`])
      : '';
    parts.push(Buffer.from(`${told}${extension}\r\n`), body.subarray(at, at + size), Buffer.from('\r\n'));
    at += size;
  }
  const trailer = random.chance(0.1)
    ? random.pick(['A: b\r\n', 'Content-Length: 3\r\n', ': x\r\n', 'A: b\n'])
    : '';
  return Buffer.concat([...parts, Buffer.from(random.chance(0.95) ? `0\r\n${trailer}\r\n` : '')]);
}

export const HTTP_TOKENS: readonly Buffer[] = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  'HTTP/1.1',
  'HTTP/1.0',
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  '0\r\n\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 10\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close\r\n',
].map(text => Buffer.from(text));
