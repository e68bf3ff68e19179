/** Milliseconds of the units of `grpc-timeout` that are wanted here, the finest first. */
const UNITS = [
  ['m', 1],
  ['S', 1000],
  ['M', 60_000],
  ['H', 3_600_000],
] as const;

/** A `grpc-timeout` has at most 8 digits ("gRPC over HTTP/2", TimeoutValue). */
const MOST = 99_999_999;

/** Milliseconds as a `grpc-timeout`, rounded up to what its digits can say: whoever waits knows better when to stop. */
export function formatRpcTimeout(ms: number): string {
  for (const [unit, scale] of UNITS) {
    const count = Math.max(1, Math.ceil(ms / scale));
    if (count <= MOST) return `${count}${unit}`;
  }
  return `${MOST}H`;
}
