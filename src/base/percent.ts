/** A percent-encoded text as what it stands for; undefined where it is broken: a stray `%`, or bytes that are no UTF-8. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // It refuses nothing else.
    return undefined;
  }
}
