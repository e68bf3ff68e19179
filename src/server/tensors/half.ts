/** IEEE 754 binary16, which Node before 24 has no array for. Bits are integers from 0 to 65535. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The value of a half's bits; exact. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the half nearest to a number, ties to even; beyond 65504 + 16 it is an infinity. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24; above, of 2^(exponent - 10). Dividing by a power of two is exact.
  float[0] = size;
  const exponent = Math.max(-14, floorLog2(size));
  const units = roundToEven(size / 2 ** (exponent - 10));
  return sign | (units + ((exponent + 14) << 10));
}

/** The exponent of a positive number that is a normal float32, or less than any half's when it is smaller. */
function floorLog2(size: number): number {
  if (size < 2 ** -25) return -25;
  const rounded = (((bits[0] ?? 0) >>> 23) & 0xff) - 127;
  return 2 ** rounded > size ? rounded - 1 : rounded;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below;
  return below + 1;
}
