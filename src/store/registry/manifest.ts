import { z } from 'zod';
import { err, ok, type Result } from '#base';

/** What a registry keeps under a digest or tag: OCI image specification, manifest and index, and Docker's of the same shape. */
export type Document =
  | { readonly kind: 'index'; readonly manifests: readonly Descriptor[] }
  | {
      readonly kind: 'manifest';
      readonly artifactType: string | undefined;
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
    };

const annotations = z
  .record(z.string(), z.string())
  .nullish()
  .transform(value => value ?? {});
const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no SHA-256 digest'),
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  annotations,
  artifactType: z.string().optional(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }).nullish(),
});

/** Points at what has this digest. */
export type Descriptor = z.infer<typeof descriptor>;

const index = z.object({ manifests: z.array(descriptor) });
const manifest = z.object({
  artifactType: z.string().optional(),
  config: descriptor,
  layers: z.array(descriptor).nullish(),
});

const INDEX = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFEST = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** What a client must ask for to be given any of these. */
export const ACCEPTED = [...MANIFEST, ...INDEX].join(', ');

/**
 * Reads one by its bytes and the type it came with. One that could be taken for either kind is refused, as the specification
 * asks: two readers of one digest must not find two different things.
 */
export function parseDocument(bytes: Uint8Array, contentType: string | undefined): Result<Document, string> {
  const value = jsonOf(bytes);
  if (value === undefined) return err('the manifest is no JSON');
  const { mediaType: own = contentType?.split(';')[0]?.trim() } = value;
  const type = typeof own === 'string' ? own : '';
  if (value['schemaVersion'] === 1) return err('the manifest is of a kind that Docker gave up (schema 1)');
  if ('manifests' in value && ('layers' in value || 'config' in value))
    return err('the manifest is two things at once: an index and a manifest');
  return readAs(kindOf(type, value), value, type);
}

/** What it says it is; what says nothing is known by what it has. */
function kindOf(type: string, value: object): Document['kind'] | undefined {
  if (INDEX.includes(type)) return 'index';
  if (MANIFEST.includes(type)) return 'manifest';
  if ('manifests' in value) return 'index';
  return 'layers' in value ? 'manifest' : undefined;
}

function readAs(kind: Document['kind'] | undefined, value: object, type: string): Result<Document, string> {
  if (kind === undefined) return err(`the manifest is of an unknown type, '${type}'`);
  return kind === 'index' ? indexOf(value) : manifestOf(value);
}

function jsonOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function indexOf(value: unknown): Result<Document, string> {
  const read = index.safeParse(value);
  return read.success
    ? ok({ kind: 'index', manifests: read.data.manifests })
    : err(wrong('index', read.error));
}

function manifestOf(value: unknown): Result<Document, string> {
  const read = manifest.safeParse(value);
  if (!read.success) return err(wrong('manifest', read.error));
  const { artifactType, config, layers } = read.data;
  return ok({ kind: 'manifest', artifactType, config, layers: layers ?? [] });
}

function wrong(what: string, { issues: [issue] }: z.ZodError): string {
  return `the ${what} is broken at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'it cannot be read'}`;
}
