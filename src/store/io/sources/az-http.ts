import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { HttpOperationResponse, IHttpClient, WebResource } from '@azure/storage-blob';
import { TooMuch } from './attempts.ts';
import { type CloudAgents, MOST_ANSWER } from './cloud-agents.ts';

/**
 * What the library sends its requests with: its own client keeps connections that nobody closes, as many as it likes, and
 * follows redirects with a new signature for whoever is there.
 */
export function azHttp(agents: CloudAgents): IHttpClient {
  return {
    async sendRequest(request: WebResource): Promise<HttpOperationResponse> {
      const response = await send(request, agents);
      const { statusCode: status = 0 } = response;
      const { location: _elsewhere, ...headers } = response.headers;
      const answer = {
        request,
        status,
        headers: { toJson: () => headers },
      } as unknown as HttpOperationResponse;
      const isStream = request.streamResponseStatusCodes?.has(status) ?? false;
      return isStream
        ? { ...answer, readableStreamBody: response }
        : { ...answer, bodyAsText: await textOf(response) };
    },
  };
}

function send(request: WebResource, { httpAgent, httpsAgent }: CloudAgents): Promise<IncomingMessage> {
  const isPlain = request.url.startsWith('http:');
  const [module, agent] = isPlain ? [http, httpAgent] : [https, httpsAgent];
  const headers = request.headers.toJson({ preserveCase: true }) as OutgoingHttpHeaders;
  const signal = request.abortSignal as AbortSignal | undefined;
  return new Promise((resolve, reject) => {
    const options = { method: request.method, agent, headers, ...(signal !== undefined && { signal }) };
    module.request(request.url, options, resolve).on('error', reject).end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER) throw new TooMuch();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
