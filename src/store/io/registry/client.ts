/** A client for one repository of a registry: OCI distribution specification 1.1. */
import { createHash } from 'node:crypto';
import { type AppError, failure } from '#base';
import { referrersTag } from '../../registry/address.ts';
import { ACCEPTED, type Descriptor, parseDocument } from '../../registry/manifest.ts';
import type { NamedDocument, RegistryReader } from '../../registry/port.ts';
import type { ByteRange, SourceOptions } from '../../source.ts';
import type { OciReference } from '../../uri/reference.ts';
import type { Answer } from '../http/ask.ts';
import { ranged, rangeHeader } from '../http/ranged.ts';
import { RegistryRequests } from './requests.ts';

/** What registries take at most, too: "Pushing Manifests". */
const MOST_MANIFEST = 4 * 1024 * 1024;
const MOST_TAGS = 1024 * 1024;

export class RegistryClient implements RegistryReader {
  protected readonly requests: RegistryRequests;
  readonly #path: string;

  /** With a URI as it may be shown. */
  constructor(reference: OciReference, uri: string, options: SourceOptions) {
    this.requests = new RegistryRequests(reference, uri, options);
    this.#path = reference.repository;
  }

  /** Whether a registry is there and lets the credentials in. Throws what every request does. */
  async ping(signal: AbortSignal): Promise<void> {
    const answer = await this.#ask('', {}, signal);
    if (answer.status !== 200) throw await this.requests.refused(answer);
    answer.body.drop();
  }

  /**
   * The manifest or index of a tag or digest. Its bytes are those of the digest that was asked for, or that the registry names.
   * Throws `source_missing`, with `near` as what may have been meant, and what every request does.
   */
  async manifest(name: string, signal: AbortSignal, near?: string): Promise<NamedDocument> {
    const answer = await this.#ask(`${this.#path}/manifests/${name}`, { accept: ACCEPTED }, signal);
    if (answer.status !== 200) throw await this.requests.refused(answer, { near });
    const bytes = await this.#bytesOf(answer);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const said = answer.headers['docker-content-digest'];
    for (const expected of [
      name.includes(':') ? name : undefined,
      typeof said === 'string' ? said : undefined,
    ])
      if (expected?.startsWith('sha256:') && expected !== digest)
        throw failure('digest_mismatch', {
          path: this.requests.uri,
          file: 'the manifest',
          expected,
          found: digest,
        });
    const document = parseDocument(bytes, answer.headers['content-type']);
    if (!document.ok) throw this.requests.invalid(document.error, answer.status);
    return { document: document.value, digest, bytes };
  }

  /** The tags that there are, some of them where there are many; none where they cannot be had. For suggestions. */
  async tags(signal: AbortSignal): Promise<readonly string[]> {
    const answer = await this.#ask(`${this.#path}/tags/list?n=1000`, {}, signal);
    if (answer.status !== 200) {
      answer.body.drop();
      return [];
    }
    const { tags } = (await this.requests.json(answer, MOST_TAGS)) as { tags?: unknown };
    return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
  }

  /** Bytes of a blob: what is asked for by its digest is not replaced. They are not checked here. */
  async blob(
    digest: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#ask(`${this.#path}/blobs/${digest}`, rangeHeader(range), signal);
    if (answer.status !== 200 && answer.status !== 206) throw await this.requests.refused(answer);
    return ranged(answer, range, this.requests.uri);
  }

  /**
   * What refers to a digest, such as signatures over it. A registry of before 1.1 keeps that under a tag. One that shows them to
   * nobody here has none: who may read a model need not be let in at those.
   */
  async referrers(digest: string, signal: AbortSignal): Promise<readonly Descriptor[]> {
    for (const path of [`referrers/${digest}`, `manifests/${referrersTag(digest)}`]) {
      const answer = await this.#ask(`${this.#path}/${path}`, { accept: ACCEPTED }, signal).catch(
        unlessRefused,
      );
      if (answer === undefined) continue;
      if (answer.status === 200) return this.#index(answer);
      if (answer.status === 429 || answer.status >= 500) throw await this.requests.refused(answer);
      answer.body.drop();
    }
    return [];
  }

  /** Drops all connections. */
  close(): void {
    this.requests.close();
  }

  async #index(answer: Answer): Promise<readonly Descriptor[]> {
    const document = parseDocument(await this.#bytesOf(answer), answer.headers['content-type']);
    return document.ok && document.value.kind === 'index' ? document.value.manifests : [];
  }

  async #bytesOf({ body, status }: Answer): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of body) {
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes > MOST_MANIFEST) throw this.requests.invalid('a manifest of more than 4 MiB', status);
    }
    return Buffer.concat(chunks);
  }

  #ask(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    return this.requests.ask(path, { headers, signal });
  }
}

function unlessRefused(error: unknown): undefined {
  if ((error as Partial<AppError> | null)?.code !== 'source_refused') throw error;
}
