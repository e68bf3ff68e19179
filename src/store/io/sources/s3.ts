/** `s3://`: objects of S3 and whatever speaks like it, through the official library. */
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type _Object as ListedObject,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { failure } from '#base';
import type { ByteRange, Listing, OpenSource, RemoteFile, Source, SourceOptions } from '../../source.ts';
import { redacted } from '../../uri/redact.ts';
import type { S3Reference } from '../../uri/reference.ts';
import { type Brought, faultIn, lengthOf } from './answers.ts';
import { Attempts, type Body } from './attempts.ts';
import { type Bucket, type Entry, type Level, listingOf } from './listing.ts';
import { declaredChecksum, mayDeclare } from './s3-checksums.ts';
import { openClient, profileOf, type S3Connection } from './s3-client.ts';
import { type S3Place, s3Error } from './s3-errors.ts';

export const openS3: OpenSource<S3Reference> = async (reference, uri, options) =>
  new S3Source(reference, redacted(uri), options, await openClient(reference, redacted(uri), options));

class S3Source implements Source, Bucket {
  readonly #reference: S3Reference;
  readonly #uri: string;
  readonly #place: S3Place;
  readonly #connection: S3Connection;
  readonly #attempts: Attempts;

  constructor(reference: S3Reference, uri: string, options: SourceOptions, connection: S3Connection) {
    this.#reference = reference;
    this.#uri = uri;
    this.#connection = connection;
    this.#place = { reference, uri, profile: profileOf(reference, options.environment) };
    this.#attempts = new Attempts(options, error => s3Error(error, this.#place));
  }

  async list(signal: AbortSignal): Promise<Listing> {
    const listing = await listingOf({ bucket: this, uri: this.#uri, signal }, this.#reference.key);
    const files = await this.#withChecksums(listing.files, signal);
    return { ...listing, files };
  }

  read(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const run = async (within: AbortSignal): Promise<Body> => {
      const answer = await this.#get(file, range, within);
      // In Node it is the stream of the socket; the type has those of browsers too.
      const body = answer.Body as unknown as Body;
      const fault = faultIn(broughtBy(answer), file, range, this.#uri);
      if (fault === undefined) return body;
      body.destroy();
      throw fault;
    };
    const words = (error: unknown): unknown => s3Error(error, { ...this.#place, file: file.path });
    return this.#attempts.stream(signal, run, lengthOf(file, range), words);
  }

  close(): void {
    this.#connection.close();
  }

  async level(prefix: string, signal: AbortSignal): Promise<Level> {
    const page = await this.#page(prefix, { Delimiter: '/' }, signal);
    const folders = (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []);
    return { entries: entriesOf(page), folders, isWhole: page.IsTruncated !== true };
  }

  async *below(prefix: string, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
    let next: string | undefined;
    do {
      const after: string | undefined = next;
      const page = await this.#page(prefix, after === undefined ? {} : { ContinuationToken: after }, signal);
      yield entriesOf(page);
      next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      if (page.IsTruncated === true && (next === undefined || next === after))
        throw failure('source_invalid', {
          uri: this.#uri,
          problem: 'its listing says that it goes on, and not how',
        });
    } while (next !== undefined);
  }

  async one(key: string, signal: AbortSignal): Promise<Entry> {
    const answer = await this.#head(key, signal);
    const checksum = declaredChecksum(answer);
    return {
      key,
      size: answer.ContentLength ?? 0,
      token: answer.ETag,
      ...(checksum !== undefined && { checksum }),
    };
  }

  uriOf(key: string): string {
    const query = /\?[^?]*=[^?]*$/.exec(this.#uri)?.[0] ?? '';
    return `s3://${this.#reference.bucket}/${key}${query}`;
  }

  async #page(
    prefix: string,
    rest: { Delimiter?: string; ContinuationToken?: string },
    signal: AbortSignal,
  ): Promise<ListObjectsV2CommandOutput> {
    const command = new ListObjectsV2Command({ Bucket: this.#reference.bucket, Prefix: prefix, ...rest });
    const page = await this.#attempts.ask(signal, within =>
      this.#connection.send(client => client.send(command, { abortSignal: within })),
    );
    // Every listing says so much; a page of a proxy is read as one that says nothing.
    if (page.Name === undefined && page.KeyCount === undefined && page.IsTruncated === undefined)
      throw failure('source_invalid', { uri: this.#uri, problem: 'the answer is no listing of a bucket' });
    return page;
  }

  #head(key: string, signal: AbortSignal): Promise<HeadObjectCommandOutput> {
    const command = new HeadObjectCommand({
      Bucket: this.#reference.bucket,
      Key: key,
      ChecksumMode: 'ENABLED',
    });
    return this.#attempts.ask(signal, within =>
      this.#connection.send(client => client.send(command, { abortSignal: within })),
    );
  }

  /**
   * By its ETag rather than its version: to read a version is another permission, which those who may read the object often
   * do not have.
   */
  #get(file: RemoteFile, range: ByteRange | undefined, signal: AbortSignal): Promise<GetObjectCommandOutput> {
    const command = new GetObjectCommand({
      Bucket: this.#reference.bucket,
      Key: file.key,
      ...(file.token !== undefined && { IfMatch: file.token }),
      ...(range !== undefined && { Range: `bytes=${range.start}-${range.end - 1}` }),
    });
    return this.#connection.send(client => client.send(command, { abortSignal: signal }));
  }

  /**
   * What the store declares of bytes is not in its listings: it is asked for each file, those first that have the most bytes.
   * Beyond so many it costs more than it may find, for files so small are read in one piece.
   */
  async #withChecksums(files: readonly RemoteFile[], signal: AbortSignal): Promise<readonly RemoteFile[]> {
    const asked = files
      .filter(file => file.checksum === undefined && file.size !== 0 && mayDeclare(file.token))
      .toSorted((a, b) => (b.size ?? 0) - (a.size ?? 0))
      .slice(0, MOST_ASKED);
    const found = new Map<string, RemoteFile>();
    await Promise.all(
      asked.map(async file => {
        // What is refused or gone is told when it is read.
        const entry = await this.one(file.key, signal).catch(() => undefined);
        signal.throwIfAborted();
        if (entry?.checksum !== undefined && entry.token === file.token)
          found.set(file.path, { ...file, checksum: entry.checksum });
      }),
    );
    return files.map(file => found.get(file.path) ?? file);
  }
}

const MOST_ASKED = 64;

function entriesOf({ Contents = [] }: ListObjectsV2CommandOutput): readonly Entry[] {
  return Contents.flatMap(({ Key, Size, ETag }: ListedObject) =>
    Key === undefined || Size === undefined ? [] : [{ key: Key, size: Size, token: ETag }],
  );
}

function broughtBy({ $metadata, ETag, ContentLength, ContentRange }: GetObjectCommandOutput): Brought {
  return { status: $metadata.httpStatusCode ?? 200, token: ETag, length: ContentLength, range: ContentRange };
}
