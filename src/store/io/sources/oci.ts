/** `oci://`: a model in a registry, as an image, an ORAS artifact, a ModelPack, a ModelKit or a model of Docker. */
import { type AppError, failure, suggest } from '#base';
import { architectureOf, chosen } from '../../oci/choose.ts';
import { type Contents, contentsOf, type Manifest, type Part } from '../../oci/contents.ts';
import type { ByteRange, Listing, OpenSource, RemoteFile, Source, SourceOptions } from '../../source.ts';
import { redacted } from '../../uri/redact.ts';
import type { OciReference } from '../../uri/reference.ts';
import { bundlesOf } from '../oci/bundles.ts';
import { modelsFolder } from '../oci/models-folder.ts';
import { RegistryClient } from '../registry/client.ts';

export const openOci: OpenSource<OciReference> = async (reference, uri, options) =>
  new OciSource(reference, redacted(uri), options);

/** An index may lead to another one: of platforms, of variants. */
const MOST_INDEXES = 3;

class OciSource implements Source {
  readonly #reference: OciReference;
  readonly #uri: string;
  readonly #registry: RegistryClient;

  constructor(reference: OciReference, uri: string, options: SourceOptions) {
    this.#reference = reference;
    this.#uri = uri;
    this.#registry = new RegistryClient(reference, uri, options);
  }

  async list(signal: AbortSignal): Promise<Listing> {
    const { tag = 'latest', digest } = this.#reference;
    const { manifest, digests } = await this.#manifest(digest ?? tag, signal);
    const contents = contentsOf(manifest);
    if (!contents.ok) throw this.#invalid(contents.error);
    const files = await this.#files(contents.value, signal);
    const bundles = await bundlesOf(this.#registry, digests, signal);
    const revision = digests.at(-1);
    return { files: sorted([...files, ...bundles]), ...(revision !== undefined && { revision }) };
  }

  read(
    { key }: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return this.#registry.blob(key, range, signal);
  }

  close(): void {
    this.#registry.close();
  }

  /** The manifest that a name leads to, and the digests of all on the way, its own last. */
  async #manifest(
    name: string,
    signal: AbortSignal,
  ): Promise<{ manifest: Manifest; digests: readonly string[] }> {
    const digests: string[] = [];
    for (let next = name; digests.length <= MOST_INDEXES; ) {
      const { document, digest } = await this.#named(next, signal);
      digests.push(digest);
      if (document.kind === 'manifest') return { manifest: document, digests };
      const own = chosen(document.manifests, architectureOf(process.arch));
      if (!own.ok) throw this.#invalid(own.error);
      next = own.value.digest;
    }
    throw this.#invalid(`its index leads to an index, more than ${MOST_INDEXES} times over`);
  }

  async #named(name: string, signal: AbortSignal): ReturnType<RegistryClient['manifest']> {
    try {
      return await this.#registry.manifest(name, signal);
    } catch (error: unknown) {
      const { code, facts } = error as AppError;
      if (code !== 'source_missing' || name.includes(':')) throw error;
      const remedy = await this.#near(name, signal);
      throw failure(code, { ...facts, ...(remedy !== undefined && { remedy }) } as never, error);
    }
  }

  /** A tag that may have been meant. Where there was none written, any is better than none. */
  async #near(tag: string, signal: AbortSignal): Promise<string | undefined> {
    const tags = await this.#registry.tags(signal).catch(() => []);
    signal.throwIfAborted();
    const near = suggest(tag, tags) ?? (this.#reference.tag === undefined ? tags.at(-1) : undefined);
    const { registry, repository } = this.#reference;
    return near === undefined ? undefined : `oci://${registry}/${repository}:${near}`;
  }

  async #files({ isImage, parts }: Contents, signal: AbortSignal): Promise<RemoteFile[]> {
    if (!isImage) return parts.map(part => fileOf(part));
    const folder = await modelsFolder(parts, ({ layer }, range) =>
      this.#registry.blob(layer.digest, range, signal),
    );
    if (folder === 'none')
      throw this.#missing(
        'the image holds a system and no folder /models, which is where a modelcar has its model',
      );
    return parts.map(part => fileOf(part, { isLayer: true, ...(folder !== undefined && { below: folder }) }));
  }

  #invalid(problem: string): AppError {
    return failure('source_invalid', { uri: this.#uri, problem });
  }

  #missing(problem: string): AppError {
    return failure('source_missing', { uri: this.#uri, problem });
  }
}

function fileOf({ layer, path, format }: Part, how: { isLayer?: boolean; below?: string } = {}): RemoteFile {
  const { digest, size } = layer;
  const checksum = { algorithm: 'sha256', hex: digest.slice('sha256:'.length) } as const;
  return {
    path,
    key: digest,
    size,
    token: digest,
    checksum,
    ...(format !== undefined && { unpack: { format, ...how } }),
  };
}

/** Files by their path; archives behind them, as they are unpacked. */
function sorted(files: readonly RemoteFile[]): RemoteFile[] {
  const plain = files.filter(({ unpack }) => unpack === undefined);
  const archives = files.filter(({ unpack }) => unpack !== undefined);
  return [...plain.toSorted((a, b) => (a.path < b.path ? -1 : 1)), ...archives];
}
