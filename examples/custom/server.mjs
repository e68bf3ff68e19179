// A model server of one's own in sixty lines: which word follows which in a text, spoken over OpenAI's API, streams too.
// fairlead tells it where to listen (PORT) and what to load (MODEL_PATH); it needs nothing else.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const { HOST = '127.0.0.1', PORT = '8000', MODEL_NAME = 'words', MODEL_PATH = 'models/1' } = process.env;
const MOST_WORDS = 200;
const MOST_BYTES = 1024 * 1024;

const words = readFileSync(join(MODEL_PATH, 'text.txt'), 'utf8').split(/\s+/).filter(Boolean);
const following = new Map();
for (const [at, word] of words.entries())
  following.set(word, [...(following.get(word) ?? []), words[at + 1] ?? words[0]]);
let generated = 0;

function* generate(count) {
  let word = words[0];
  for (let at = 0; at < count; at++) {
    generated++;
    yield word;
    const next = following.get(word);
    word = next[at % next.length];
  }
}

async function complete(request, response) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MOST_BYTES)
      return answer(response, 413, { error: { message: 'the body is too large' } });
  }
  const { stream = false, max_tokens: count = 16 } = JSON.parse(text);
  const found = generate(Math.min(Number(count) || 0, MOST_WORDS));
  if (!stream) {
    const message = { role: 'assistant', content: [...found].join(' ') };
    return answer(response, 200, {
      object: 'chat.completion',
      model: MODEL_NAME,
      choices: [{ index: 0, message }],
    });
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const word of found) {
    if (response.destroyed) return;
    const choices = [{ index: 0, delta: { content: `${word} ` } }];
    response.write(
      `data: ${JSON.stringify({ object: 'chat.completion.chunk', model: MODEL_NAME, choices })}\n\n`,
    );
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  response.end('data: [DONE]\n\n');
}

function answer(response, status, value) {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

const server = createServer((request, response) => {
  const { method, url } = request;
  if (url === '/v1/models')
    answer(response, 200, { object: 'list', data: [{ id: MODEL_NAME, object: 'model' }] });
  else if (url === '/metrics')
    response.end(`# TYPE words_generated_total counter\nwords_generated_total ${generated}\n`);
  else if (method === 'POST' && url === '/v1/chat/completions')
    complete(request, response).catch(error => answer(response, 400, { error: { message: String(error) } }));
  else answer(response, 404, { error: { message: `there is no ${url}` } });
});

server.listen({ host: HOST, port: Number(PORT) });
process.on('SIGTERM', () => server.close(() => process.exit(0)));
