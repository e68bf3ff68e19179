/** What requests of several kinds make of their answers. */
import type { Answer } from '../http/ask.ts';
import type { RegistryRequests } from './requests.ts';

const MOST_SAID = 8192;

/** What an answer says beside its head, which is nothing: read, so that its connection is used again. */
export async function said({ body }: Answer): Promise<void> {
  await body.text(MOST_SAID).catch(() => {});
}

export function isDone({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

/** Asks whether something is there, and for no more: its answer, read, or undefined. Throws what every request does. */
export async function headOf(
  requests: RegistryRequests,
  path: string,
  { accept, signal }: { readonly accept?: string; readonly signal: AbortSignal },
): Promise<Answer | undefined> {
  const headers = accept === undefined ? {} : { accept };
  const answer = await requests.ask(`${requests.repository}/${path}`, { method: 'HEAD', headers, signal });
  if (answer.status !== 200 && answer.status !== 404) throw await requests.refused(answer);
  await said(answer);
  return answer.status === 200 ? answer : undefined;
}
