import http from 'node:http';
import { pipeline, Transform } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { SourceOptions } from '../../source.ts';
import type { S3Reference } from '../../uri/reference.ts';
import { TooMuch } from './attempts.ts';
import { placeOfProfile } from './aws-profile.ts';
import { cloudAgents, dropConnections, MOST_ANSWER } from './cloud-agents.ts';
import { configured } from './endpoint.ts';

export interface S3Connection {
  /** Sends one request. Where the store says that its region or the clock is another one, once more with that. */
  send<T>(ask: (client: S3Client) => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * A client that asks once, and hands bytes on as they come. Credentials are those of the library's own chain: the environment, a
 * profile (with SSO, roles and processes), web identity, the container's, the machine's.
 */
export async function openClient(
  reference: S3Reference,
  uri: string,
  options: SourceOptions,
): Promise<S3Connection> {
  const place = await placeOf(reference, uri, options.environment);
  const agents = cloudAgents(options);
  const regions = new Regions(place.region);
  const client = new S3Client({
    // Who asked decides on the next attempt, and verifies what came.
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    followRegionRedirects: false,
    customUserAgent: 'fairlead',
    logger: new Quiet(),
    requestHandler: { ...agents, socketTimeout: 0 },
    region: async () => regions.current,
    forcePathStyle: isPathStyle(reference, place.endpoint),
    ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
    ...identityOf(reference.options, options.environment),
  });
  boundAnswers(client);
  return {
    send: ask => regions.send(() => ask(client)),
    close: () => {
      client.destroy();
      dropConnections(agents);
    },
  };
}

/** What the URI says counts before the environment, and that before a profile. Without a region, any tells the right one. */
async function placeOf(
  { options }: S3Reference,
  uri: string,
  environment: SourceOptions['environment'],
): Promise<{ region: string; endpoint: string | undefined }> {
  const told = await placeOfProfile(profileOf({ options }, environment), environment);
  const region =
    options.region ?? (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || told.region);
  const isIgnored = environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true';
  const endpoint = options.endpoint ?? (isIgnored ? undefined : (endpointIn(environment) ?? told.endpoint));
  const by = 'the endpoint of AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile';
  return {
    region: region ?? 'us-east-1',
    endpoint: endpoint === undefined ? undefined : configured(endpoint, by, uri),
  };
}

/** The profile that counts. */
export function profileOf(
  { options }: Pick<S3Reference, 'options'>,
  environment: SourceOptions['environment'],
): string {
  return options.profile ?? (environment['AWS_PROFILE'] || 'default');
}

/** An empty variable is none, as the library has it. */
function endpointIn(environment: SourceOptions['environment']): string | undefined {
  return environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'] || undefined;
}

/** Keys of the environment count where no profile is named, as in the chain, which has the rest. */
function identityOf(
  { anonymous, profile }: S3Reference['options'],
  environment: SourceOptions['environment'],
): Pick<S3ClientConfig, 'credentials' | 'signer' | 'profile'> {
  if (anonymous === true)
    return {
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: async request => request },
    };
  const named = profile ?? environment['AWS_PROFILE'];
  if (named) return { profile: named };
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  if (!accessKeyId || !secretAccessKey) return {};
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } };
}

/** What it has to say is in its errors. */
class Quiet {
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

/**
 * Whoever runs a store of their own rarely has names of hosts below its own, and all stores can do without; `aws --endpoint-url`
 * asks so too. No certificate is for the name of a bucket with dots.
 */
function isPathStyle({ bucket, options }: S3Reference, endpoint = ''): boolean {
  if (options.addressing !== undefined) return options.addressing === 'path';
  const isOwn = endpoint !== '' && !/(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(new URL(endpoint).hostname);
  return isOwn || bucket.includes('.');
}

/** Everything but an object is taken in as a whole, by a library that knows no bound. */
function boundAnswers({ middlewareStack }: S3Client): void {
  middlewareStack.add(
    (next, { commandName }) =>
      async args => {
        const result = await next(args);
        const response = result.response as { statusCode: number; body: unknown };
        const isObject = commandName === 'GetObjectCommand' && response.statusCode < 300;
        if (!isObject && response.body instanceof http.IncomingMessage)
          response.body = bounded(response.body);
        return result;
      },
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  );
}

function bounded(body: http.IncomingMessage): Transform {
  let left = MOST_ANSWER;
  const bound = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      left -= chunk.length;
      if (left < 0) done(new TooMuch());
      else done(null, chunk);
    },
  });
  // Whoever reads it is told of its errors.
  return pipeline(body, bound, () => {});
}

/** Where a bucket is; learnt from its first refusal, since each redirect costs a request. */
class Regions {
  current: string;

  constructor(first: string) {
    this.current = first;
  }

  async send<T>(ask: () => Promise<T>): Promise<T> {
    const before = this.current;
    try {
      return await ask();
    } catch (error: unknown) {
      if (!this.#learns(error as Refused, before)) throw error;
      return ask();
    }
  }

  /** Whether another attempt may fare better; others may have learnt it meanwhile. */
  #learns({ name, $metadata, $response, Region }: Refused, before: string): boolean {
    // The library has taken the time from the answer by now.
    if (name === 'RequestTimeTooSkewed') return true;
    const status = $metadata?.httpStatusCode;
    const region = $response?.headers?.['x-amz-bucket-region'] ?? Region;
    if (status === undefined || ![301, 307, 400].includes(status) || typeof region !== 'string') return false;
    if (!/^[a-z0-9-]{1,40}$/.test(region) || region === before) return false;
    this.current = region;
    return true;
  }
}

interface Refused extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly Region?: string;
}
