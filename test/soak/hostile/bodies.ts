/** Bodies that are too large, or no bodies of a prediction. */
import { gzipSync } from 'node:zlib';
import type { Random } from '../../fuzz/random.ts';
import { type Asked, HttpClient } from '../clients/http.ts';
import type { Place } from '../clients/place.ts';
import type { Kind } from '../kind.ts';
import { MOST_BODY } from '../subject/limits.ts';

interface Sent extends Asked {
  /** What it is answered. */
  readonly statuses: readonly number[];
}

const PATHS = ['/models/digits/predict', '/v1/models/digits:predict', '/v2/models/digits/infer'];

/** Inflates to eight times what the server takes. */
const BOMB = gzipSync(Buffer.alloc(8 * MOST_BODY, 0x20));

export function bodyKinds(place: Place): Kind[] {
  return [
    bodies(place, { name: 'too large', rate: 0.5, make: tooLarge }),
    bodies(place, { name: 'malformed', rate: 12, make: malformed }),
  ];
}

interface Making {
  readonly name: string;
  readonly rate: number;
  readonly make: (random: Random) => Sent;
}

function bodies(place: Place, { name, rate, make }: Making): Kind {
  const client = new HttpClient(place);
  return {
    name,
    family: 'hostile',
    rate,
    most: 16,
    mustSee: [/^4\d\d$/],
    async act(random) {
      const { statuses, ...asked } = make(random);
      const answer = await client.send(asked).catch((error: unknown) => cutOff(error, statuses));
      if (typeof answer === 'string') return answer;
      const { status, body } = answer;
      if (!statuses.includes(status))
        throw new Error(`${asked.path} is ${status}: ${body.toString().slice(0, 300)}`);
      return String(status);
    },
    close: () => client.close(),
  };
}

/** Who is told that a body is too large may find the connection closed while it still sends. */
function cutOff(error: unknown, statuses: readonly number[]): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (statuses.includes(413) && ['ECONNRESET', 'EPIPE'].includes(code)) return 'cut off';
  throw error;
}

function tooLarge(random: Random): Sent {
  const path = random.pick(PATHS);
  if (random.chance(0.5))
    return { path, body: BOMB, headers: { 'Content-Encoding': 'gzip' }, statuses: [413] };
  return { path, body: Buffer.alloc(MOST_BODY + 1, 0x20), statuses: [413] };
}

const MALFORMED = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '{"inputs":7}',
  '{"inputs":[[1,2]]}',
  '{"instances":[[1],[2,3]]}',
  '[[[[[',
];

function malformed(random: Random): Sent {
  const path = random.pick(PATHS);
  const statuses = [400, 422];
  const kind = random.below(4);
  if (kind === 0) return { path, body: random.pick(MALFORMED), statuses };
  if (kind === 1) return { path, body: random.bytes(1 + random.below(300)), statuses };
  if (kind === 2) return { path, body: cut(random), statuses };
  const headers = { 'Content-Encoding': random.pick(['gzip', 'deflate']) };
  return { path, body: random.bytes(1 + random.below(100)), headers, statuses };
}

/** A body that was right before its end was cut off. */
function cut(random: Random): string {
  const row = JSON.stringify(random.list(64, () => random.below(17)));
  const whole = random.pick([
    `{"inputs":[${row}]}`,
    `{"instances":[${row}]}`,
    `{"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,64],"data":${row}}]}`,
  ]);
  return whole.slice(0, random.below(whole.length));
}
