import { flat, nested } from './flat.ts';
import { HttpClient } from './http.ts';
import type { Place } from './place.ts';
import type { Protocol } from './protocol.ts';

/** `POST /models/NAME/predict`, which asks the latest version. */
export function plain(place: Place): Protocol {
  const client = new HttpClient(place);
  return {
    name: 'plain',
    async ask({ model, input }, { signal, deadlineMs } = {}) {
      const { body } = await client.good({
        path: `/models/${model}/predict`,
        body: `{"inputs":${JSON.stringify(nested(input))}}`,
        ...(deadlineMs !== undefined && { headers: { 'x-deadline-ms': String(deadlineMs) } }),
        ...(signal !== undefined && { signal }),
      });
      const { predictions, model_version: version } = JSON.parse(body.toString()) as {
        predictions: unknown;
        model_version: string;
      };
      return { version, shape: undefined, data: flat(predictions) };
    },
    close: () => client.close(),
  };
}
