// Serves the files of a folder with ranges: `node file-server.mjs FOLDER`. It prints its URL.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const folder = process.argv[2];

const server = createServer((request, response) => {
  const path = join(folder, basename(new URL(request.url, 'http://x').pathname));
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) answer(request, response, { path, size: found.size, etag: etagOf(found) });
  else response.writeHead(404).end();
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

function etagOf({ size, mtimeMs, ino }) {
  return `"${size}-${Math.round(mtimeMs)}-${ino}"`;
}

function answer({ method, headers }, response, { path, size, etag }) {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  const range = asked !== null && (headers['if-range'] ?? etag) === etag ? rangeOf(asked, size) : undefined;
  if ((headers['if-match'] ?? etag) !== etag) response.writeHead(412).end();
  else if (range !== undefined && range.start >= size)
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
  else send(method, response, { path, size, etag, range });
}

function send(method, response, { path, size, etag, range }) {
  const { start, end } = range ?? { start: 0, end: size };
  response.writeHead(range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-length': end - start,
    etag,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
  });
  if (method === 'HEAD' || end === start) response.end();
  else {
    const stream = createReadStream(path, { start, end: end - 1, highWaterMark: 1024 * 1024 });
    stream.pipe(response);
    response.once('close', () => stream.destroy());
  }
}

function rangeOf([, start, end], size) {
  return { start: Number(start), end: end === '' ? size : Math.min(size, Number(end) + 1) };
}
