import type { OutgoingHttpHeaders } from 'node:http2';
import type { Endpoint } from '../../endpoint.ts';
import { UpstreamSession } from './upstream-session.ts';
import type { UpstreamListener, UpstreamStream } from './upstream-stream.ts';

/** The connections to servers, each opened when a call needs it and kept until its server ends it. */
export class Upstreams {
  readonly #sessions = new Map<Endpoint, UpstreamSession[]>();

  /** Opens a call to a server. Throws what node:http2 finds wrong with the headers. */
  open(endpoint: Endpoint, headers: OutgoingHttpHeaders, listener: UpstreamListener): UpstreamStream {
    const open = this.#sessions.get(endpoint)?.find(({ isOpen }) => isOpen);
    return (open ?? this.#connect(endpoint)).open(headers, listener);
  }

  destroy(): void {
    for (const session of [...this.#sessions.values()].flat()) session.destroy();
  }

  #connect(endpoint: Endpoint): UpstreamSession {
    const { grpcPort = 0 } = endpoint;
    const authority = `http://${endpoint.authority(grpcPort)}`;
    const session = new UpstreamSession(authority, closed => this.#drop(endpoint, closed));
    this.#sessions.set(endpoint, [...(this.#sessions.get(endpoint) ?? []), session]);
    return session;
  }

  #drop(endpoint: Endpoint, closed: UpstreamSession): void {
    const left = (this.#sessions.get(endpoint) ?? []).filter(session => session !== closed);
    if (left.length === 0) this.#sessions.delete(endpoint);
    else this.#sessions.set(endpoint, left);
  }
}
