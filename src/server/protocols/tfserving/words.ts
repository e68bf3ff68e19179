/** TensorFlow Serving's words for errors, which are the same over REST and gRPC. */
import type { AppError } from '#base';

export function wordsOf({ code, facts, message }: AppError): string {
  const { name, version } = facts as Readonly<Record<'name' | 'version', string>>;
  // Clients test whether a server is there by asking for a model that is not, and comparing these words.
  if (code === 'model_unknown') return `Servable not found for request: Latest(${name})`;
  if (code === 'version_unknown') return `Servable not found for request: Specific(${name}, ${version})`;
  if (code === 'body_malformed') return `JSON Parse error: ${message}`;
  return message;
}
