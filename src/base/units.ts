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

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people: `1.4 GiB`. */
export function sizeText(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  const value = bytes / 1024 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`;
}

const BAR = 20;

/** A part of something, from 0 to 1. */
export function barText(part: number, width = BAR): string {
  const full = Math.floor(part * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
