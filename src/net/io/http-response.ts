import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { HttpRequest } from './http-request.ts';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** A response to which the door adds headers, whoever answers. */
export class HttpResponse extends ServerResponse<HttpRequest> {
  /** Names and values in turn; they come beside those of the same name that an answer has. */
  more: readonly string[] = [];

  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    const [text, own] = typeof reason === 'string' ? [reason, headers] : [undefined, headers ?? reason];
    if (this.more.length === 0) return this.#write(status, text, own);
    return this.#write(status, text, [...flat(own), ...this.more]);
  }

  #write(status: number, reason: string | undefined, headers: Headers | undefined): this {
    return reason === undefined ? super.writeHead(status, headers) : super.writeHead(status, reason, headers);
  }
}

function flat(headers: Headers = []): OutgoingHttpHeader[] {
  if (Array.isArray(headers)) return headers;
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
}
