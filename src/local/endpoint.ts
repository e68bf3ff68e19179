export interface EndpointAddress {
  readonly revision: string;
  readonly server: number;
  readonly host: string;
  readonly port: number;
  readonly grpcPort?: number | undefined;
  /** Where its metrics are; none where it has no such page. */
  readonly metrics?: { readonly port?: number | undefined; readonly path: string } | undefined;
  /** Milliseconds until it begins an answer, and bytes of a body, where the gateway is to see to that. */
  readonly answerMs?: number | undefined;
  readonly mostBody?: number | undefined;
  /** By which it knows its gateway; undefined where it answers anybody. */
  readonly secret?: string | undefined;
}

/** One server process as the gateway sees it: where it listens, and how many requests it has. */
export class Endpoint {
  readonly revision: string;
  readonly server: number;
  readonly host: string;
  readonly port: number;
  /** Where it speaks gRPC, if it does. */
  readonly grpcPort: number | undefined;
  readonly metrics: EndpointAddress['metrics'];
  readonly answerMs: number | undefined;
  readonly mostBody: number | undefined;
  readonly secret: string | undefined;
  #inFlight = 0;
  #onIdle: (() => void)[] = [];

  constructor(at: EndpointAddress) {
    this.revision = at.revision;
    this.server = at.server;
    this.host = at.host;
    this.port = at.port;
    this.grpcPort = at.grpcPort;
    this.metrics = at.metrics;
    this.answerMs = at.answerMs;
    this.mostBody = at.mostBody;
    this.secret = at.secret;
  }

  /** `host:port` as URLs have it (RFC 3986, 3.2.2). */
  authority(port: number): string {
    return this.host.includes(':') ? `[${this.host}]:${port}` : `${this.host}:${port}`;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): void {
    this.#inFlight += 1;
  }

  /** Ends one `enter`; the last one tells who waits for `idle`. */
  leave(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const tell of waiting) tell();
  }

  /** Resolves when no request is in flight. It may be entered again after that: leave the rotation first. */
  async idle(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>(resolve => this.#onIdle.push(resolve));
  }
}
