/** What came back on a connection of HTTP/1, taken apart and looked at. */
import assert from 'node:assert/strict';

/** Statuses from 500 on that are in order. */
const IN_ORDER = [501, 503, 504, 505];

/** The statuses of the answers. Throws for what is no HTTP, or an answer that no client should get. */
export function statusesIn(bytes: Buffer): readonly number[] {
  const statuses: number[] = [];
  let rest = bytes.toString('latin1');
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(rest)?.[1]);
    assert(end !== -1 && status >= 100, `what came back is no HTTP: ${JSON.stringify(rest.slice(0, 200))}`);
    const head = rest.slice(0, end + 2);
    const body = bodyOf(rest.slice(end + 4), head, status);
    rest = rest.slice(end + 4 + body.length);
    check(status, head, body);
    statuses.push(status);
  }
  return statuses;
}

/** An answer to HEAD tells the length of a body that does not follow. */
function bodyOf(rest: string, head: string, status: number): string {
  if (status < 200 || status === 204 || status === 304 || rest.startsWith('HTTP/1.1 ')) return '';
  const length = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
  return rest.slice(0, length);
}

function check(status: number, head: string, body: string): void {
  assert(status < 500 || IN_ORDER.includes(status), `it was answered ${status}: ${body.slice(0, 300)}`);
  if (status < 400 || body === '' || /^content-encoding: /im.test(head)) return;
  const told = JSON.parse(Buffer.from(body, 'latin1').toString()) as { error?: unknown; detail?: unknown };
  const isTold = status === 503 || told.error !== undefined || told.detail !== undefined;
  assert(isTold, `an answer of ${status} has no reason: ${body.slice(0, 300)}`);
}
