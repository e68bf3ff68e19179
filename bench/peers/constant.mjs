// The floor under every node:http server: reads the body, answers a constant, does nothing else.
//
//   node constant.mjs ANSWER        prints its URL once it listens; SIGTERM stops it
import { createServer } from 'node:http';

const answer = Buffer.from(process.argv[2] ?? '{}');
const headers = { 'content-type': 'application/json', 'content-length': answer.length };

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, headers).end(answer));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
