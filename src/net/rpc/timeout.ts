/** Milliseconds of each unit of `grpc-timeout`; nanoseconds and microseconds are fractions. */
const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Milliseconds that a `grpc-timeout` grants; undefined when it is malformed: 1 to 8 digits and a unit. */
export function parseRpcTimeout(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,8})([HMSmun])$/.exec(text) ?? [];
  const scale = unit === undefined ? undefined : UNITS[unit];
  return scale === undefined ? undefined : Number(digits) * scale;
}
