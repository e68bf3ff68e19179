import { err, ok, type Result } from '#base';
import { type OciReference, parseReference } from '#store';

/** The name of an image, read: `registry/repository[:tag][@sha256:…]`. */
export interface ImageName {
  /** Host, and port where it has one. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/**
 * A name as Docker writes it: without a host it is of Docker Hub, and there without an owner Docker's own. Without tag and digest
 * it is the tag `latest`. The error is what is wrong with it, without the name.
 */
export function readImageName(text: string): Result<ImageName, string> {
  const read = parseReference(`oci://${withRegistry(text)}`);
  if (!read.ok) return err(read.error.problem);
  if (read.value.scheme !== 'oci' || text.includes('?')) return err('it has what no name of an image has');
  const { registry, repository, tag, digest } = read.value;
  const latest = tag === undefined && digest === undefined ? { tag: 'latest' } : {};
  return ok({
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...latest,
  });
}

function withRegistry(text: string): string {
  const [first = '', ...rest] = text.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  if (isHost) return text;
  return `docker.io/${rest.length === 0 ? `library/${text}` : text}`;
}

export function imageText({ registry, repository, tag, digest }: ImageName): string {
  const version = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return `${registry}/${repository}${version}`;
}

/** As the store knows it; `isPlain` lets it be reached by plain http where it is not this machine. */
export function referenceOf(name: ImageName, isPlain: boolean): OciReference {
  return { scheme: 'oci', ...name, options: isPlain ? { insecure: true } : {} };
}
