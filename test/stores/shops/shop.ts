/** A place of a run's own at a real store, where models of one file are put, replaced and removed. */
export interface Shop {
  readonly scheme: string;
  /** Where its server listens. */
  readonly origin: string;
  /** Puts a model there by a name, in place of what has it. */
  put(name: string, model: Uint8Array): Promise<void>;
  /** With `at`, its server is reached there: a proxy's origin. */
  uri(name: string, at?: string): string;
  /** What a program finds it by. */
  env(at?: string): Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** Opens a place, or throws `Unavailable` with the reason. */
export type OpenShop = (environment: NodeJS.ProcessEnv) => Promise<Shop>;

export async function must(asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  if (answer.ok) return answer;
  throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
}
