/** Makes a request that a service answers, from what it says of itself, so that a `curl` line can be pasted. */
import { type CurlTls, secureUrl } from './curl-tls.ts';

interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** The longest request that is shown on a command line; a longer one would fill the screen. */
const MOST_CHARACTERS = 2000;

/** What is asked, and how. */
export interface Asked {
  /** Where clients reach the service. */
  readonly url: string;
  /** What a server says at a path. */
  readonly tell: (path: string) => Promise<string | undefined>;
  readonly tls?: CurlTls | undefined;
  readonly models: readonly string[];
  /** The author's own request. */
  readonly written: string | undefined;
  /** Whether predictions need credentials. */
  readonly isGuarded: boolean;
}

/** A `curl` line for the predictions of the first of some models, with the author's own request or one of zeros. */
export async function curlLine({
  url,
  tell,
  tls,
  models,
  written,
  isGuarded,
}: Asked): Promise<string | undefined> {
  const [model, second] = models;
  if (model === undefined) return undefined;
  const body = written === undefined ? await zeros(tell, model) : written.trim();
  if (body === undefined || body.length > MOST_CHARACTERS) return undefined;
  const path = second === undefined ? 'predict' : `models/${encodeURIComponent(model)}/predict`;
  const credentials = isGuarded ? ' -H "Authorization: Bearer $KEY"' : '';
  return `curl -s ${tls === undefined ? url : secureUrl(url, tls)}/${path}${credentials} -d ${quoted(body)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function zeros(tell: Asked['tell'], model: string): Promise<string | undefined> {
  const told = await tell(`/v2/models/${encodeURIComponent(model)}`);
  if (told === undefined) return undefined;
  const { inputs } = JSON.parse(told) as { inputs: readonly TensorMetadata[] };
  const texts = inputs.map(({ name, datatype, shape }) => [name, zeroTensor(datatype, shape)]);
  return JSON.stringify({ inputs: texts.length === 1 ? texts[0]?.[1] : Object.fromEntries(texts) });
}

/** A free size is 1. */
function zeroTensor(datatype: string, [size, ...inner]: readonly number[]): unknown {
  if (size === undefined) return datatype === 'BYTES' ? '' : datatype === 'BOOL' ? false : 0;
  return Array.from({ length: Math.min(Math.max(size, 1), MOST_CHARACTERS) }, () =>
    zeroTensor(datatype, inner),
  );
}
