import { failure } from '#base';

/** How a body is compressed. */
export type Coding = 'gzip' | 'deflate' | 'identity';

/**
 * The coding of a request's body, by its Content-Encoding. Throws `encoding_unsupported`, for one that was applied twice as
 * well: no client does that, but for hiding what it sends.
 */
export function contentCoding(contentEncoding: string | undefined): Coding {
  if (contentEncoding === undefined) return 'identity';
  const codings = contentEncoding
    .split(',', MOST_CODINGS)
    .map(text => text.trim().toLowerCase())
    .filter(text => text !== '' && text !== 'identity');
  const [coding = 'identity', ...others] = codings;
  const known = others.length === 0 ? KNOWN.get(coding) : undefined;
  if (known === undefined) throw failure('encoding_unsupported', { encoding: contentEncoding.slice(0, 100) });
  return known;
}

/** Names of codings, each with how it is called here: RFC 9110, 8.4.1.3 has x-gzip be gzip. */
const KNOWN: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['identity', 'identity'],
]);

/** Of a list, this much is read. */
const MOST_CODINGS = 50;

/**
 * The coding that an answer is best sent with, by the request's Accept-Encoding (RFC 9110, 12.5.3). A header that is
 * malformed asks for nothing, and neither does one that forbids all there is: the answer is sent as it is.
 */
export function chooseEncoding(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined) return 'identity';
  const chosen = CHOSEN.get(acceptEncoding) ?? choose(acceptEncoding);
  if (CHOSEN.size < MOST_CHOSEN && acceptEncoding.length < 100) CHOSEN.set(acceptEncoding, chosen);
  return chosen;
}

/** Clients send few different headers, each with every request, and to read one takes microseconds. */
const CHOSEN = new Map<string, Coding>();
const MOST_CHOSEN = 64;

function choose(acceptEncoding: string): Coding {
  let best: Coding = 'identity';
  const weights = weightsOf(acceptEncoding);
  let most = 0;
  for (const coding of OFFERED) {
    // What is not named may be sent all the same, but whoever names another wants that.
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    if (weight > most) best = coding;
    most = Math.max(most, weight);
  }
  return best;
}

/** Of two that are wanted equally, the first. */
const OFFERED: readonly Coding[] = ['gzip', 'deflate', 'identity'];

/** `coding`, `coding;q=0.5`: RFC 9110, 12.4.2, with three digits at most. */
const PREFERENCE = /^([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/** None when it is malformed. Of a coding that is named twice, the first weight counts. */
function weightsOf(acceptEncoding: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const text of acceptEncoding.split(',', MOST_CODINGS)) {
    const trimmed = text.trim();
    if (trimmed === '') continue;
    const [, name, weight = '1'] = PREFERENCE.exec(trimmed) ?? [];
    if (name === undefined) return new Map();
    const coding = KNOWN.get(name.toLowerCase()) ?? name;
    if (!weights.has(coding)) weights.set(coding, Number(weight));
  }
  return weights;
}
