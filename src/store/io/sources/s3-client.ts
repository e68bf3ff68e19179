import http from 'node:http';
import { isIP } from 'node:net';
import { pipeline, Transform } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { SourceOptions } from '../../source.ts';
import type { S3Reference } from '../../uri/reference.ts';
import { TooMuch } from './attempts.ts';
import { cloudAgents, dropConnections, MOST_ANSWER } from './cloud-agents.ts';

export interface S3Connection {
  /** Sends one request. Where the store says that its region or the clock is another one, once more with that. */
  send<T>(ask: (client: S3Client) => Promise<T>): Promise<T>;
  close(): void;
}

/**
 * A client that asks once, and hands bytes on as they come. Credentials are those of the library's own chain: the environment, a
 * profile (with SSO, roles and processes), web identity, the container's, the machine's.
 */
export async function openClient(reference: S3Reference, options: SourceOptions): Promise<S3Connection> {
  const agents = cloudAgents(options);
  const client = new S3Client({
    ...configOf(reference, options),
    requestHandler: { ...agents, socketTimeout: 0 },
  });
  boundAnswers(client);
  await choosePathStyle(client, reference, options.environment);
  const regions = new Regions(client);
  return {
    send: ask => regions.send(ask),
    close: () => {
      client.destroy();
      dropConnections(agents);
    },
  };
}

function configOf({ options }: S3Reference, { environment }: SourceOptions): S3ClientConfig {
  const endpoint = options.endpoint ?? endpointIn(environment);
  const region = options.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  return {
    // Who asked decides on the next attempt, and verifies what came.
    maxAttempts: 1,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestChecksumCalculation: 'WHEN_REQUIRED',
    followRegionRedirects: false,
    customUserAgent: 'fairlead',
    logger: new Quiet(),
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(options.profile !== undefined && { profile: options.profile }),
    ...identityOf(options, environment),
  };
}

/** An empty variable is none, as the library has it. */
function endpointIn(environment: SourceOptions['environment']): string | undefined {
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return undefined;
  return environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'] || undefined;
}

/** Keys of the environment count where no profile is named, as in the chain, which has the rest. */
function identityOf(
  { anonymous, profile }: S3Reference['options'],
  environment: SourceOptions['environment'],
): Pick<S3ClientConfig, 'credentials' | 'signer'> {
  if (anonymous === true)
    return {
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: async request => request },
    };
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const isOther = profile !== undefined || environment['AWS_PROFILE'];
  if (isOther || !accessKeyId || !secretAccessKey) return {};
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

/** Names of hosts below an address or localhost lead nowhere, and no certificate is for those of a bucket with dots. */
async function choosePathStyle(
  { config }: S3Client,
  { bucket, options }: S3Reference,
  environment: SourceOptions['environment'],
): Promise<void> {
  const endpoint =
    options.endpoint ?? endpointIn(environment) ?? (await config.serviceConfiguredEndpoint?.());
  const host = typeof endpoint === 'string' && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  const isBare = host === 'localhost' || isIP(host.replace(/^\[|\]$/g, '')) !== 0;
  const style = options.addressing ?? (isBare || bucket.includes('.') ? 'path' : 'virtual');
  config.forcePathStyle = style === 'path';
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
  readonly #client: S3Client;
  #region: string | undefined;

  constructor(client: S3Client) {
    this.#client = client;
    const configured = client.config.region;
    // Without one, any region says which one is right, and stores of others mostly do not care.
    client.config.region = async () => this.#region ?? (await configured().catch(() => 'us-east-1'));
  }

  async send<T>(ask: (client: S3Client) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#client);
    } catch (error: unknown) {
      if (!(await this.#learns(error as Refused))) throw error;
      return ask(this.#client);
    }
  }

  async #learns(error: Refused): Promise<boolean> {
    // The library has taken the time from the answer by now.
    if (error.name === 'RequestTimeTooSkewed') return true;
    const status = error.$metadata?.httpStatusCode;
    const region = error.$response?.headers?.['x-amz-bucket-region'] ?? error.Region;
    if (status === undefined || ![301, 307, 400].includes(status) || typeof region !== 'string') return false;
    if (!/^[a-z0-9-]{1,40}$/.test(region) || region === (await this.#client.config.region())) return false;
    this.#region = region;
    return true;
  }
}

interface Refused extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly Region?: string;
}
