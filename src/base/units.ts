import { err, ok, type Result } from './result.ts';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** A duration as Kubernetes and Go write it, with one unit: `500ms`, `2m`. The value is milliseconds. */
export function parseDuration(text: string): Result<number, string> {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const milliseconds = Number(match?.[1]) * (MILLISECONDS[match?.[2] ?? ''] ?? Number.NaN);
  if (isExact(milliseconds)) return ok(milliseconds);
  return err(`'${text}' is not a duration; write for example 500ms, 2s or 5m`);
}

/** A size as Kubernetes writes it: `64Mi`, `1G`, `4096`. The value is bytes. */
export function parseBytes(text: string): Result<number, string> {
  const match = /^(\d+)(k|M|G|Ki|Mi|Gi)?$/.exec(text);
  const bytes = Number(match?.[1]) * (BYTES[match?.[2] ?? ''] ?? Number.NaN);
  if (isExact(bytes)) return ok(bytes);
  return err(`'${text}' is not a size; write for example 64Mi, 1G or 4096`);
}

/** Larger numbers lose digits, and end as Infinity. */
function isExact(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER;
}
