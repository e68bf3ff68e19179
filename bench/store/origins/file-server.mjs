// Serves the files of a folder with ranges: `node file-server.mjs FOLDER`. It prints its URL.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const folder = process.argv[2];

const server = createServer((request, response) => {
  const path = join(folder, basename(new URL(request.url, 'http://x').pathname));
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return response.writeHead(404).end();
  const etag = `"${found.size}-${Math.round(found.mtimeMs)}"`;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const matches = (request.headers['if-range'] ?? etag) === etag;
  const range = asked !== null && matches ? rangeOf(asked, found.size) : undefined;
  const { start, end } = range ?? { start: 0, end: found.size };
  response.writeHead(range === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-length': end - start,
    etag,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${found.size}` }),
  });
  if (request.method === 'HEAD' || end === start) return response.end();
  const stream = createReadStream(path, { start, end: end - 1, highWaterMark: 1024 * 1024 });
  stream.pipe(response);
  response.once('close', () => stream.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

function rangeOf([, start, end], size) {
  return { start: Number(start), end: end === '' ? size : Math.min(size, Number(end) + 1) };
}
