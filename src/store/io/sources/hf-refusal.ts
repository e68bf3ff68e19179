import { type AppError, failure, suggest } from '#base';
import type { HfReference } from '../../uri/reference.ts';
import type { Answer } from '../http/ask.ts';
import type { HttpClient } from '../http/client.ts';
import type { Hub } from './hf-hub.ts';

/** Who asks the Hub for what. */
export interface HfAsking {
  readonly reference: HfReference;
  /** As it may be shown. */
  readonly uri: string;
  readonly hub: Hub;
  readonly client: HttpClient;
  /** Gets JSON of the API; undefined where it is refused. */
  readonly tryJson: (path: string, signal: AbortSignal) => Promise<unknown>;
}

/**
 * What a refusal of the Hub means: it says so in `X-Error-Code` and, for people, `X-Error-Message`. Where a repository or revision
 * is missing, the nearest name is looked up.
 */
export async function hfRefusal(answer: Answer, asking: HfAsking, signal: AbortSignal): Promise<AppError> {
  const { uri, client } = asking;
  const code = headerOf(answer, 'x-error-code');
  const problem = headerOf(answer, 'x-error-message')?.replace(/\.$/, '');
  // The Hub does not tell nobody whether a repository is private or none.
  const isUnknown = code === 'RepoNotFound';
  const near = await nearOf(code, asking, signal).catch(() => undefined);
  signal.throwIfAborted();
  const error = await client.refused(answer, { problem, near, remedy: remedyOf(code, asking) });
  if (!isUnknown || error.code === 'source_missing') return error;
  return failure('source_missing', {
    uri,
    status: answer.status,
    problem: `${problem ?? 'no such repository'}, or it is private and needs a token in HF_TOKEN`,
    ...(near !== undefined && { remedy: near }),
  });
}

function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function remedyOf(code: string | undefined, { hub, reference: { owner, repo } }: HfAsking): string {
  if (code === 'GatedRepo')
    return `accept its conditions at ${hub.endpoint}/${owner}/${repo}, and give a token of the account that did in HF_TOKEN`;
  return hub.token === undefined
    ? 'give a token in HF_TOKEN, or log in with `hf auth login`'
    : 'the token in HF_TOKEN, or the one of `hf auth login`, may not read it or is no longer valid';
}

async function nearOf(
  code: string | undefined,
  { reference, tryJson }: HfAsking,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { owner, repo, path, revision = 'main' } = reference;
  const below = path === '' ? '' : `/${path}`;
  if (code === 'RevisionNotFound') {
    const refs = (await tryJson(`/models/${owner}/${repo}/refs`, signal)) as Refs;
    const names = [...(refs.branches ?? []), ...(refs.tags ?? [])].map(({ name }) => String(name));
    const near = suggest(revision, names) ?? names[0];
    return near && `hf://${owner}/${repo}${below}@${near}`;
  }
  if (code !== 'RepoNotFound') return undefined;
  const models = (await tryJson(`/models?author=${owner}&limit=200`, signal)) as readonly { id?: unknown }[];
  const near = suggest(
    `${owner}/${repo}`,
    models.map(({ id }) => String(id)),
  );
  return near && `hf://${near}${below}`;
}

interface Refs {
  readonly branches?: readonly { name?: unknown }[];
  readonly tags?: readonly { name?: unknown }[];
}
