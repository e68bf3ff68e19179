/** `az://` and the URLs of blobs, through the official library. */
import {
  type BlobDownloadResponseParsed,
  type BlobItem,
  ContainerClient,
  type ContainerListBlobFlatSegmentResponse,
  type ContainerListBlobHierarchySegmentResponse,
} from '@azure/storage-blob';
import { failure } from '#base';
import {
  type ByteRange,
  isSafePath,
  type Listing,
  type OpenSource,
  type RemoteFile,
  type Source,
  type SourceOptions,
} from '../../source.ts';
import { redacted } from '../../uri/redact.ts';
import type { AzReference } from '../../uri/reference.ts';
import { type Brought, faultIn, lengthOf } from './answers.ts';
import { Attempts, type Body } from './attempts.ts';
import { type AzAccess, accessTo } from './az-account.ts';
import { type AzPlace, azError } from './az-errors.ts';
import { azHttp } from './az-http.ts';
import { type CloudAgents, cloudAgents, dropConnections } from './cloud-agents.ts';
import { type Bucket, type Entry, type Level, listingOf } from './listing.ts';

export const openAz: OpenSource<AzReference> = async (reference, uri, options) =>
  new AzSource(
    reference,
    redacted(uri),
    options,
    await accessTo(reference, redacted(uri), options.environment),
  );

class AzSource implements Source, Bucket {
  readonly #place: AzPlace;
  readonly #agents: CloudAgents;
  readonly #container: ContainerClient;
  readonly #attempts: Attempts;

  constructor(
    reference: AzReference,
    uri: string,
    options: SourceOptions,
    { url, credential, by }: AzAccess,
  ) {
    this.#place = { reference, uri, by };
    this.#agents = cloudAgents(options);
    this.#container = new ContainerClient(url, credential, {
      httpClient: azHttp(this.#agents),
      // Who asked decides on the next attempt.
      retryOptions: { maxTries: 1 },
      userAgentOptions: { userAgentPrefix: 'fairlead' },
    });
    this.#attempts = new Attempts(options, error => azError(error, this.#place));
  }

  list(signal: AbortSignal): Promise<Listing> {
    const { reference, uri } = this.#place;
    return listingOf({ bucket: this, uri, signal }, reference.key);
  }

  read(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const run = async (within: AbortSignal): Promise<Body> => {
      const answer = await this.#get(file, range, within).catch(refusal =>
        this.#goneOr(refusal, file, within),
      );
      const body = answer.readableStreamBody as unknown as Body;
      const fault = faultIn(broughtBy(answer), file, range, this.#place.uri);
      if (fault === undefined) return body;
      body.destroy();
      throw fault;
    };
    const words = (error: unknown): unknown => azError(error, { ...this.#place, file: file.path });
    return this.#attempts.stream(signal, run, lengthOf(file, range), words);
  }

  close(): void {
    dropConnections(this.#agents);
  }

  async level(prefix: string, signal: AbortSignal): Promise<Level> {
    const page = await this.#attempts.ask(signal, async abortSignal => {
      const pages = this.#container.listBlobsByHierarchy('/', { prefix, includeMetadata: true, abortSignal });
      return pages.byPage({ maxPageSize: PAGE }).next();
    });
    const { segment, continuationToken } = this.#listing(page.value);
    const folders = ('blobPrefixes' in segment && segment.blobPrefixes) || [];
    return {
      entries: entriesOf(segment.blobItems),
      folders: folders.map(({ name }) => name),
      isWhole: !continuationToken,
    };
  }

  async *below(prefix: string, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
    let next: string | undefined;
    do {
      const continuationToken = next;
      const page = await this.#attempts.ask(signal, async abortSignal => {
        const pages = this.#container.listBlobsFlat({ prefix, includeMetadata: true, abortSignal });
        return pages.byPage({ maxPageSize: PAGE, ...(continuationToken && { continuationToken }) }).next();
      });
      const listing = this.#listing(page.value);
      yield entriesOf(listing.segment.blobItems);
      next = listing.continuationToken;
      if (next && next === continuationToken)
        throw this.#invalid('its listing goes on with what it began with');
    } while (next);
  }

  async one(key: string, signal: AbortSignal): Promise<Entry> {
    // In a URL, which the key becomes a part of, `..` leads to another container.
    if (!isSafePath(key)) throw this.#invalid(`the key '${key}' can be no path of a file`);
    const found = await this.#attempts.ask(signal, abortSignal =>
      this.#container.getBlobClient(key).getProperties({ abortSignal }),
    );
    const [entry] = entriesOf([
      { name: key, properties: found, ...(found.metadata && { metadata: found.metadata }) },
    ]);
    if (entry === undefined)
      throw failure('source_missing', {
        uri: this.#place.uri,
        problem: 'it is a folder that may not be listed',
      });
    return entry;
  }

  uriOf(key: string): string {
    const { container, account } = this.#place.reference;
    return `az://${container}${account === undefined ? '' : `@${account}`}/${key}`;
  }

  #get(
    { key, token }: RemoteFile,
    range: ByteRange | undefined,
    abortSignal: AbortSignal,
  ): Promise<BlobDownloadResponseParsed> {
    const [start, count] = range === undefined ? [0, undefined] : [range.start, range.end - range.start];
    return this.#container.getBlobClient(key).download(start, count, {
      abortSignal,
      maxRetryRequests: 0,
      ...(token !== undefined && { conditions: { ifMatch: `"${token}"` } }),
    });
  }

  /** Some servers say of a blob that is gone that it does not meet the condition. Throws. */
  async #goneOr(refusal: unknown, { key }: RemoteFile, abortSignal: AbortSignal): Promise<never> {
    if (statusOf(refusal) !== 412) throw refusal;
    try {
      await this.#container.getBlobClient(key).getProperties({ abortSignal });
    } catch (error: unknown) {
      if (statusOf(error) === 404) throw error;
    }
    throw refusal;
  }

  /** A page of a proxy is read as a listing that has no list. */
  #listing(page: unknown): Page {
    const found = page as Partial<Page> | undefined;
    if (found?.segment === undefined) throw this.#invalid('the answer is no listing of a container');
    return found as Page;
  }

  #invalid(problem: string): Error {
    return failure('source_invalid', { uri: this.#place.uri, problem });
  }
}

function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

type Page = ContainerListBlobHierarchySegmentResponse | ContainerListBlobFlatSegmentResponse;

const PAGE = 1000;

type Listed = Pick<BlobItem, 'name' | 'metadata'> & {
  readonly properties: {
    readonly contentLength?: number | undefined;
    readonly contentMD5?: Uint8Array | undefined;
    readonly etag?: string | undefined;
  };
};

/** Those that are files: a hierarchical namespace lists its folders too, as empty blobs that say so. */
function entriesOf(items: readonly Listed[]): readonly Entry[] {
  const files = items.filter(({ metadata }) => metadata?.['hdi_isfolder']?.toLowerCase() !== 'true');
  return files.map(({ name, properties: { contentLength = 0, contentMD5, etag } }) => ({
    key: name,
    size: contentLength,
    token: tokenOf(etag),
    ...(contentMD5?.length === 16 && {
      checksum: { algorithm: 'md5', hex: Buffer.from(contentMD5).toString('hex') },
    }),
  }));
}

/** A listing has ETags without quotes, an answer with them. */
function tokenOf(etag: string | undefined): string | undefined {
  return etag?.replaceAll('"', '');
}

function broughtBy({ _response, etag, contentLength, contentRange }: BlobDownloadResponseParsed): Brought {
  return { status: _response.status, token: tokenOf(etag), length: contentLength, range: contentRange };
}
