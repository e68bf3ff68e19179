/** Where a server listens. */
export interface ServerAddress {
  readonly http: URL;
  /** Undefined for a server that was not asked to speak gRPC. */
  readonly grpc: URL | undefined;
}

/**
 * What a server printed on stdout as the addresses that its launch asked for, `http:` and perhaps `grpc:`, a line each; or
 * the sentence that says that it is something else; or undefined while lines are missing. What follows is not looked at.
 */
export function announced(lines: readonly string[], grpc: boolean): ServerAddress | string | undefined {
  const schemes = grpc ? ['http:', 'grpc:'] : ['http:'];
  const urls: URL[] = [];
  for (const [at, scheme] of schemes.entries()) {
    const line = lines[at];
    if (line === undefined) return undefined;
    const url = URL.parse(line.trim());
    if (url?.protocol !== scheme || url.port === '')
      return `it printed '${line.slice(0, 200)}' where its address should be`;
    urls.push(url);
  }
  const [http, second] = urls;
  return http && { http, grpc: second };
}

/** Servers that are told their ports listen on this machine's own address, as all do. */
export function toldAddress({ http, grpc }: { http: number; grpc: number | undefined }): ServerAddress {
  return {
    http: new URL(`http://127.0.0.1:${http}`),
    grpc: grpc === undefined ? undefined : new URL(`grpc://127.0.0.1:${grpc}`),
  };
}
