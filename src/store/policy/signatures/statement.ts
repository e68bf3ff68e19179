/**
 * What OpenSSF model signing signs: a statement of in-toto that names each file of a model with its digest.
 * https://github.com/sigstore/model-transparency, `model_signing/_signing/signing.py`
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { err, ok, type Result } from '#base';

const PAYLOAD = 'application/vnd.in-toto+json';
const STATEMENT = 'https://in-toto.io/Statement/v1';
const PREDICATE = 'https://model_signing/signature/v1.0';

const MOST_RESOURCES = 200_000;
const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** Digest of each file that was signed, by its path. Of a model that is one file, the path is `.`. */
export interface Statement {
  readonly digests: ReadonlyMap<string, string>;
  /** Paths that the signer left out. */
  readonly ignored: readonly string[];
}

const kind = z.object({ _type: z.string(), predicateType: z.string() });

const serialization = z.object({
  method: z.string().max(100),
  hash_type: z.string().max(100),
  ignore_paths: z.array(z.string().max(4096)).max(10_000).optional(),
});

const shape = z.object({
  subject: z.array(z.object({ digest: z.object({ sha256: hex }) })).length(1),
  predicate: z.object({
    serialization,
    resources: z
      .array(z.object({ name: z.string().min(1).max(4096), algorithm: z.string().max(100), digest: hex }))
      .min(1)
      .max(MOST_RESOURCES),
  }),
});

type Shape = z.output<typeof shape>;

/** Reads what was signed, once its signature was checked. Errors are sentences without a subject, which is the signature. */
export function readStatement(type: string, payload: Buffer): Result<Statement, string> {
  if (type !== PAYLOAD)
    return err(`is over a payload of the type '${type.slice(0, 100)}', and not ${PAYLOAD}`);
  const json = parsed(payload);
  const problem = kindProblem(json) ?? serializationProblem(json);
  if (problem !== undefined) return err(problem);
  const read = shape.safeParse(json);
  if (!read.success)
    return err(`is over a statement that is broken at ${read.error.issues[0]?.path.join('.')}`);
  return statementOf(read.data);
}

function kindProblem(json: unknown): string | undefined {
  const said = kind.safeParse(json);
  const { _type: outer } = said.data ?? {};
  if (!said.success || outer !== STATEMENT) return 'is over no statement of in-toto';
  const { predicateType } = said.data;
  if (predicateType === PREDICATE) return undefined;
  return `is over a statement of the kind '${predicateType.slice(0, 100)}', and not ${PREDICATE}`;
}

/** Looked at before the rest: a statement in shards has names of another shape. */
function serializationProblem(json: unknown): string | undefined {
  const how = z.object({ predicate: z.object({ serialization }) }).safeParse(json);
  if (!how.success) return undefined;
  const { method, hash_type: hash } = how.data.predicate.serialization;
  if (method === 'files' && hash === 'sha256') return undefined;
  return `is over ${method} by ${hash}; sign files by sha256, as the tool does unless it is told otherwise`;
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    // Whoever signed it signed no statement; the caller says so.
    return undefined;
  }
}

function statementOf({ subject, predicate }: Shape): Result<Statement, string> {
  const { resources } = predicate;
  const whole = createHash('sha256');
  const digests = new Map<string, string>();
  for (const { name, algorithm, digest } of resources) {
    if (algorithm !== 'sha256')
      return err(`is over a digest of '${name}' by ${algorithm}, and not by sha256`);
    if (digests.has(name)) return err(`names '${name}' twice`);
    digests.set(name, digest);
    whole.update(Buffer.from(digest, 'hex'));
  }
  if (whole.digest('hex') !== subject[0]?.digest.sha256)
    return err('contradicts itself: its files have another digest');
  return ok({ digests, ignored: predicate.serialization.ignore_paths ?? [] });
}
