import { createHash } from 'node:crypto';
import { AppError, failure } from '#base';
import { referrersTag } from '../../registry/address.ts';
import { ACCEPTED, type Descriptor } from '../../registry/manifest.ts';
import type {
  BlobToUpload,
  DocumentToPut,
  Kept,
  NamedDocument,
  Referrer,
  Registry,
} from '../../registry/port.ts';
import { indexType, withReferrer } from '../../registry/referrers.ts';
import { CHUNK } from '../../registry/upload.ts';
import { type Answer, contentOf } from '../http/ask.ts';
import { ATTEMPTS, type Trying, tried } from '../trying.ts';
import { headOf, isDone, said } from './answered.ts';
import { RegistryClient } from './client.ts';
import { type Learned, Upload } from './upload.ts';

/** A client that writes to a repository too: OCI distribution specification 1.1, "Push". */
export class RegistryWriter extends RegistryClient implements Registry {
  readonly #learned: Learned = { chunk: CHUNK };

  async hasBlob(digest: string, trying: Trying): Promise<boolean> {
    return (await this.#head(`blobs/${digest}`, trying)) !== undefined;
  }

  async upload(blob: BlobToUpload, trying: Trying): Promise<'mounted' | 'uploaded'> {
    this.requests.wantPush();
    return new Upload(blob, this.requests, this.#learned, trying).run();
  }

  async digestOf(name: string, trying: Trying): Promise<string | undefined> {
    const answer = await this.#head(`manifests/${name}`, trying);
    const digest = answer?.headers['docker-content-digest'];
    return typeof digest === 'string' ? digest : undefined;
  }

  async put(name: string, document: DocumentToPut, trying: Trying): Promise<Kept> {
    this.requests.wantPush();
    return tried(() => this.#put(name, document, trying.signal), { attempts: ATTEMPTS, ...trying });
  }

  async hasReferrer(subject: string, digest: string, trying: Trying): Promise<boolean> {
    const referrers = (): Promise<readonly Descriptor[]> => this.referrers(subject, trying.signal);
    const known = await tried(referrers, { attempts: ATTEMPTS, ...trying });
    return known.some(one => one.digest === digest);
  }

  /** Others may do so at the same time, and registries have no locks: who writes last wins, and pushing again mends it. */
  async noteReferrer(subject: string, referrer: Referrer, trying: Trying): Promise<void> {
    const tag = referrersTag(subject);
    const known = await tried(() => this.#under(tag, trying.signal), { attempts: ATTEMPTS, ...trying });
    const index = withReferrer(known?.bytes, referrer);
    if (!index.ok)
      throw failure('source_invalid', { uri: this.requests.uri, problem: `the tag ${tag} ${index.error}` });
    if (index.value === undefined) return;
    const digest = `sha256:${createHash('sha256').update(index.value).digest('hex')}`;
    await this.put(tag, { mediaType: indexType, digest, bytes: index.value }, trying);
  }

  async #under(tag: string, signal: AbortSignal): Promise<NamedDocument | undefined> {
    return this.manifest(tag, signal).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'source_missing') return undefined;
      throw error;
    });
  }

  #head(path: string, trying: Trying): Promise<Answer | undefined> {
    this.requests.wantPush();
    const { signal } = trying;
    return tried(() => headOf(this.requests, path, { accept: ACCEPTED, signal }), {
      attempts: ATTEMPTS,
      ...trying,
    });
  }

  async #put(name: string, document: DocumentToPut, signal: AbortSignal): Promise<Kept> {
    const { mediaType, digest, bytes } = document;
    const path = `${this.requests.repository}/manifests/${name}`;
    const answer = await this.requests.ask(path, {
      method: 'PUT',
      content: contentOf(mediaType, bytes),
      signal,
    });
    if (!isDone(answer)) throw await this.requests.refused(answer);
    await said(answer);
    const kept = answer.headers['docker-content-digest'];
    if (typeof kept === 'string' && kept.startsWith('sha256:') && kept !== digest)
      throw this.requests.invalid(`it keeps as ${kept} what is ${digest}`, answer.status);
    return { seesSubject: answer.headers['oci-subject'] !== undefined };
  }
}
