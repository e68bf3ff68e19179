/** Heads of HTTP requests, as node:http has parsed them. */
import assert from 'node:assert/strict';
import { faultOf } from '../../../src/net/http-head.ts';
import { chooseEncoding, contentCoding } from '../../../src/server/content-coding.ts';
import { requestIds } from '../../../src/server/request-ids.ts';
import { type Border, refusal } from '../border.ts';
import { PATHS } from '../make/paths.ts';
import { lines } from '../make/words.ts';
import { mutate } from '../mutate.ts';

const HEADERS = lines(`
  Host: x
  Host: [::1]:80
  Host:
  Transfer-Encoding: chunked
  Transfer-Encoding: gzip, chunked
  x-request-id: abc
  traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
  Content-Length: 1
  Content-Encoding: gzip
  Content-Encoding: deflate
  Content-Encoding: gzip, gzip
  Accept-Encoding: gzip;q=0.5, deflate;q=1.000
  Accept-Encoding: *;q=0, identity;q=0
  Accept-Encoding: x-gzip`);

/** A head is the first line of a request; the body is its headers, a line each. */
export const heads: Border = {
  name: 'heads',
  make: random => ({
    head: `${random.pick(['GET', 'OPTIONS'])} ${random.pick([...PATHS, '*', 'http://a/b'])} ${random.pick(['1.1', '1.0', '2.0'])}`,
    body: Buffer.from(random.list(random.below(6), () => random.pick(HEADERS)).join('\n')),
  }),
  change: (known, other, random) => ({
    head: random.chance(0.2) ? other.head : known.head,
    body: mutate(known.body, random, {
      tokens: HEADERS.map(line => Buffer.from(`\n${line}`)),
      other: other.body,
    }),
  }),
  take({ head, body }) {
    const [method, url, httpVersion = ''] = head.split(' ');
    const given = body
      .toString('latin1')
      .split('\n')
      .map(line => line.split(/: ?(.*)/s));
    const rawHeaders = given.flatMap(([name = '', value = '']) => [name, value]);
    const fields = Object.fromEntries(given.map(([name = '', value = '']) => [name.toLowerCase(), value]));
    const { requestId } = requestIds(fields, () => 'fresh');
    assert(/^[\x21-\x7e]{1,128}$/.test(requestId), 'an id goes back in a header');
    const chosen = chooseEncoding(fields['accept-encoding']);
    const fault = faultOf({ httpVersion, method, url, rawHeaders });
    if (fault === undefined) return `${codingOf(fields['content-encoding'])}, answered in ${chosen}`;
    refusal(fault);
    // What is quoted comes first, and may have quotes in it.
    return `${fault.code} ${fault.message.split("'").at(-1)?.slice(-30)}`;
  },
};

function codingOf(header: string | undefined): string {
  try {
    return contentCoding(header);
  } catch (error: unknown) {
    return refusal(error).split(' ')[0] ?? '';
  }
}
