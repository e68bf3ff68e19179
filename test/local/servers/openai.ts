/**
 * A server of the kind that speaks OpenAI's API, for tests: it sends the next part of an answer only when it is told to, so that
 * a test knows what has arrived before what.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const waiting: ServerResponse[] = [];
let left = 0;
let asked = 0;

const handlers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  'GET /v1/models': (_, response) =>
    json(response, { object: 'list', data: [{ id: process.env['MODEL_NAME'], object: 'model' }] }),
  'POST /v1/chat/completions': (request, response) => {
    asked += 1;
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    response.on('close', () => {
      if (!response.writableEnded) left += 1;
      waiting.splice(waiting.indexOf(response), 1);
    });
    waiting.push(response);
  },
  'POST /say': (request, response) => {
    const word = new URL(request.url ?? '', 'http://x').searchParams.get('word') ?? '';
    for (const one of waiting) one.write(`data: {"choices":[{"delta":{"content":"${word}"}}]}\n\n`);
    json(response, {});
  },
  'POST /done': (_, response) => {
    for (const one of waiting) one.end('data: [DONE]\n\n');
    json(response, {});
  },
  'GET /told': (_, response) =>
    json(response, { left, argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }),
  // An answer whose length is known, which stops half-way until it is told to end.
  'GET /halves': (_, response) => {
    response.writeHead(200, { 'Content-Length': 'half data: [DONE]\n\n'.length }).write('half ');
    waiting.push(response);
  },
  'GET /switch': ({ socket }) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  'GET /unasked': ({ socket }) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  'GET /large': (_, response) => response.end('x'.repeat(100_000)),
  'POST /never': request => request.resume(),
  'POST /length': (request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('end', () => json(response, { bytes }));
  },
  'GET /stats': (_, response) =>
    response.end(`# TYPE own_requests_total counter\nown_requests_total{engine="test"} ${asked}\n`),
};

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

const server = createServer((request, response) => {
  const handler = handlers[`${request.method} ${request.url?.split('?')[0]}`];
  if (handler) handler(request, response);
  else response.writeHead(404).end();
});

server.listen({ host: process.env['HOST'], port: Number(process.env['PORT']) });
process.on('SIGTERM', () => server.close(() => process.exit(0)));
