import type { AppError } from '#base';

/** What clients of Triton look for in a message, and what it says of. */
const tritonWords: Readonly<Partial<Record<AppError['code'], string>>> = {
  overloaded: 'Exceeds maximum queue size',
  deadline_exceeded: 'Request timeout expired',
  deadline_unreachable: 'Request timeout expired',
  queue_full: 'Exceeds maximum queue size',
};

/** An error in the protocol's words. */
export function wordsOf({ code, message }: AppError): string {
  const words = tritonWords[code];
  return words === undefined ? message : `${words}: ${message}`;
}
