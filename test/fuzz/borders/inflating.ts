/** Compressed bodies, beside zlib without a bound: what comes out is the same, is bounded, and is all that stays held. */
import assert from 'node:assert/strict';
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { CountedBudget } from '../../../src/net/rpc/fixtures/budget.ts';
import { inflate } from '../../../src/server/io/inflating.ts';
import { type Border, refusal } from '../border.ts';
import type { Case } from '../case.ts';
import { value } from '../make/json.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';

const LIMITS = [100, 4096, 300_000] as const;

/** A head is the coding and the bytes that may come out. */
export const inflating: Border = {
  name: 'inflating',
  make: random => ({ head: headOf(random), body: packed(random) }),
  change: (known, other, random) => ({
    head: random.chance(0.2) ? headOf(random) : known.head,
    body: mutate(known.body, random, { tokens: [gzipSync(''), deflateSync('')], other: other.body }),
  }),
  take,
};

function headOf(random: Random): string {
  return `${random.pick(['gzip', 'gzip', 'deflate'])} ${random.pick(LIMITS)}`;
}

const FORMS = [gzipSync, gzipSync, deflateSync, deflateRawSync];

/** Once, in two members, or twice over; and little that becomes much. */
function packed(random: Random): Buffer {
  const text = Buffer.from(value(random));
  const content = random.chance(0.9) ? text : Buffer.alloc(random.pick([50_000, 300_000, 1_000_000]), 0x30);
  const once = random.pick(FORMS)(content);
  if (random.chance(0.8)) return once;
  return random.chance(0.5) ? Buffer.concat([once, random.pick(FORMS)(text)]) : gzipSync(once);
}

async function take({ head, body }: Case): Promise<string> {
  const [coding, most] = head.split(' ');
  assert(coding === 'gzip' || coding === 'deflate', `'${coding}' is no coding`);
  const limit = Number(most);
  const budget = new CountedBudget();
  try {
    const out = await inflate({ bytes: body, coding }, { limit, budget });
    assert(out.length <= limit, `${out.length} bytes came out, of at most ${limit}`);
    assert.equal(budget.held, out.length, 'what is held is not what came out');
    assert(
      references[coding].some(reference => isSame(out, reference, body)),
      'zlib makes other bytes of it',
    );
    return `${coding} ${out.length === 0 ? 'nothing' : 'something'}`;
  } catch (error: unknown) {
    const words = refusal(error);
    assert.equal(budget.held, 0, 'what was refused stays held');
    return `${coding} ${words}`;
  }
}

/** Some clients send `deflate` without zlib's frame. */
const references = { gzip: [gunzipSync], deflate: [inflateSync, inflateRawSync] } as const;

function isSame(out: Buffer, reference: (bytes: Buffer) => Buffer, body: Buffer): boolean {
  try {
    return reference(body).equals(out);
  } catch {
    return false;
  }
}
