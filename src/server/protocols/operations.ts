/** What operators and orchestrators ask: health and metrics. */
import { failure } from '#base';
import { get, json, type Methods, type Protocol, plainError, type Reply } from './port.ts';

export interface Operations {
  /** The metrics, in Prometheus' text format. */
  metricsText(): string;
  /** Whether the server is on its way out. */
  draining(): boolean;
}

/** `/health` says 200 only when every model is loaded and was warmed up, and not while draining. */
export function operations(state: Operations): Protocol {
  const pages: Readonly<Record<string, Methods>> = {
    '/health': get(models => health(models.ready(), state.draining())),
    '/health/live': get(() => json(200, '{"status":"ok"}')),
    '/metrics': get(() => ({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: state.metricsText(),
    })),
  };
  return {
    name: 'operations',
    owns: path => Object.hasOwn(pages, path),
    route(path) {
      const methods = pages[path];
      if (methods === undefined) throw failure('path_unknown', { path });
      return methods;
    },
    error: plainError,
  };
}

function health(ready: boolean, draining: boolean): Reply {
  const status = draining ? 'draining' : ready ? 'ok' : 'loading';
  return json(status === 'ok' ? 200 : 503, JSON.stringify({ status }));
}
