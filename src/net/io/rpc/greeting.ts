import type { Socket } from 'node:net';

/** The first bytes of every connection (RFC 9113, section 3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const SENTENCE = 'this port speaks gRPC, over HTTP/2\n';

const NO_HTTP2 = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${SENTENCE.length}\r\n\r\n${SENTENCE}`;

/**
 * Waits for a client's first bytes, puts them back, and calls `then`. What is no HTTP/2 is told so, where it might be
 * HTTP/1, and ended.
 */
export function greet(socket: Socket, then: () => void): void {
  let bytes = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const length = Math.min(bytes.length, PREFACE.length);
    const isPreface = PREFACE.subarray(0, length).equals(bytes.subarray(0, length));
    if (isPreface && length < PREFACE.length) return;
    socket.removeListener('data', read);
    if (!isPreface) return reject(socket, bytes);
    socket.pause();
    socket.unshift(bytes);
    then();
  };
  socket.on('data', read);
}

/** Reads on, so that the answer is not lost to a reset; whoever bounds the handshake ends it. */
function reject(socket: Socket, bytes: Buffer): void {
  socket.resume();
  if (/^[A-Z]{3,7} /.test(bytes.toString('latin1', 0, 8))) socket.end(NO_HTTP2);
  else socket.destroy();
}
