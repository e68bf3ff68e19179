/** A client's request id, if it may be passed on to logs and answers: 1 to 128 visible ASCII characters. */
export function validRequestId(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && /^[\x21-\x7e]{1,128}$/.test(value) ? value : undefined;
}
