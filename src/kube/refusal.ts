/** The API server's "no", as an error of the catalogue. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
import { type AppError, failure } from '#base';

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What it answers with where it does not do what it is asked. */
export interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

/** Of an answer that may be anything: a proxy's page, say. */
export function statusIn(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'kind' in parsed && parsed.kind === 'Status')
      return parsed as Status;
  } catch {
    // Not the API server's own words.
  }
  return { message: clipped(body.replaceAll(/\s+/g, ' ').trim(), 200) };
}

export interface Conflict {
  readonly manager: string;
  readonly field: string;
}

const CONFLICT = /^conflict with "([^"]*)"/;

/** Fields that another manager has set, of the answer to an apply. */
function conflictsIn({ details }: Status): readonly Conflict[] {
  return (details?.causes ?? []).flatMap(({ reason, message = '', field = '' }) =>
    reason === 'FieldManagerConflict' ? [{ manager: CONFLICT.exec(message)?.[1] ?? message, field }] : [],
  );
}

/** The error for an answer that is no success; `subject` is what was asked for. */
export function refusalOf(subject: string, code: number, status: Status): AppError {
  const problem = sentence(status.message ?? `no reason given`);
  if (code === 401 || (code === 403 && !isOfObject(problem)))
    return failure('cluster_refused', { subject, status: code, problem });
  const conflicts = conflictsIn(status);
  if (conflicts.length > 0) return failure('apply_conflict', { subject, conflicts });
  return failure('object_refused', { subject, status: code, ...worst(status, problem) });
}

/** Admission answers 403 too, for what the object is and not for who asks. */
const OF_OBJECT = /violates PodSecurity|exceeded quota|denied the request|is forbidden: .*(?:limit|quota)/;

function isOfObject(problem: string): boolean {
  return OF_OBJECT.test(problem);
}

const UNDECLARED = /^field not declared in schema$/;
const NO_NAMESPACE = /^namespaces "([^"]+)" not found/;
/** What a strict server-side apply says of a field that is not as its kind has it. */
const MISTYPED = /^failed to create typed patch object \(.*?\): (\.\S+): (.*)$/;

function worst({ details }: Status, problem: string): { problem: string; field?: string; remedy?: string } {
  const missing = NO_NAMESPACE.exec(problem);
  if (missing !== null) return { problem, remedy: `make it first: kubectl create namespace ${missing[1]}` };
  const [, field, fault = ''] = MISTYPED.exec(problem) ?? [];
  if (field !== undefined)
    return { field, problem: fault.replace(UNDECLARED, 'the cluster knows no such field') };
  const cause = details?.causes?.find(one => one.field !== undefined && one.message !== undefined);
  if (cause?.field === undefined || cause.message === undefined) return { problem };
  return { field: cause.field, problem: sentence(cause.message) };
}

function sentence(text: string): string {
  return clipped(text.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, ''), 1000);
}

function clipped(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
