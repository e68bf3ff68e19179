import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpRequest } from './http-request.ts';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** A response to which the door adds headers, whoever answers. */
export class HttpResponse extends ServerResponse<HttpRequest> {
  /** Names and values in turn; they come beside those of the same name that an answer has. */
  more: readonly string[] = [];

  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    if (typeof reason === 'string') return super.writeHead(status, reason, this.#with(headers));
    return super.writeHead(status, this.#with(headers ?? reason));
  }

  #with(own: Headers | undefined): Headers | undefined {
    return this.more.length === 0 ? own : [...flat(own), ...this.more];
  }
}

function flat(headers: Headers = []): OutgoingHttpHeader[] {
  if (Array.isArray(headers)) return headers;
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}
