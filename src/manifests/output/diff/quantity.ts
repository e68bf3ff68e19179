/** Amounts that Kubernetes writes in another way than they were written to it: `1024Mi` comes back as `1Gi`, `0.5` as `500m`. */

/** Kubernetes API reference, "Quantity". */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(e[+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/i;

const SCALES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Members that hold amounts, or maps of them. */
export const AMOUNTS = new Set('requests limits capacity averageValue sizeLimit storage'.split(' '));

export function isSameAmount(a: unknown, b: unknown): boolean {
  const [left, right] = [amountOf(a), amountOf(b)];
  if (left === undefined || right === undefined) return false;
  // Thousandths are no exact numbers of this machine.
  return Math.abs(left - right) <= Math.abs(left) * 1e-12;
}

function amountOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const [, digits = '', unit = ''] = (typeof value === 'string' && QUANTITY.exec(value)) || [];
  if (digits === '') return undefined;
  if (/^e[+-]?\d/i.test(unit)) return Number(`${digits}${unit}`);
  const scale = unit === '' ? 1 : SCALES[unit];
  return scale === undefined ? undefined : Number(digits) * scale;
}
