/** Versions of Python's packages: the "Version specifiers" page of the packaging specifications (PEP 440). */

export interface Version {
  readonly epoch: bigint;
  /** At least one. */
  readonly release: readonly bigint[];
  readonly pre?: { readonly phase: 'a' | 'b' | 'rc'; readonly number: bigint };
  readonly post?: bigint;
  readonly dev?: bigint;
  readonly local?: readonly (bigint | string)[];
}

/** Nobody's is as long; numbers are of any size. Characters. */
const MOST_VERSION = 256;

const PRE = String.raw`(?:[-_.]?(?<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>\d*))?`;
const POST = String.raw`(?:-(?<bare>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?<post>\d*))?`;
const DEV = String.raw`(?:[-_.]?dev[-_.]?(?<dev>\d*))?`;
const LOCAL = String.raw`(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?`;
const VERSION = new RegExp(
  String.raw`^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)${PRE}${POST}${DEV}${LOCAL}$`,
);

/** Undefined for what is none. Spellings that mean the same are read as the same: `1.0-Alpha.1` is `1.0a1`. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > MOST_VERSION) return undefined;
  const found = VERSION.exec(text.trim().toLowerCase())?.groups as
    | Partial<Record<string, string>>
    | undefined;
  if (found === undefined) return undefined;
  const { epoch = '0', release = '', phase, pre, bare, post = bare, dev, local } = found;
  return {
    epoch: BigInt(epoch),
    release: release.split('.').map(BigInt),
    ...(phase !== undefined && { pre: { phase: PHASES[phase] ?? 'rc', number: numberOf(pre) } }),
    ...(post !== undefined && { post: numberOf(post) }),
    ...(dev !== undefined && { dev: numberOf(dev) }),
    ...(local !== undefined && { local: local.split(/[-_.]/).map(segment) }),
  };
}

/** Where none is written it is the first. */
function numberOf(digits: string | undefined): bigint {
  return BigInt(digits ?? '');
}

const PHASES: Readonly<Record<string, 'a' | 'b' | 'rc'>> = { a: 'a', alpha: 'a', b: 'b', beta: 'b' };

function segment(text: string): bigint | string {
  return /^\d+$/.test(text) ? BigInt(text) : text;
}

/** Negative where `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  const orders = [
    order(a.epoch, b.epoch),
    compareReleases(a.release, b.release),
    order(phaseOf(a), phaseOf(b)),
    order(a.pre?.number ?? 0n, b.pre?.number ?? 0n),
    order(a.post ?? -1n, b.post ?? -1n),
    compareDev(a.dev, b.dev),
    compareLocal(a.local ?? [], b.local ?? []),
  ];
  return orders.find(found => found !== 0) ?? 0;
}

/** Zeros at the end mean nothing: 1.0 is 1. */
export function compareReleases(a: readonly bigint[], b: readonly bigint[]): number {
  const length = Math.max(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const found = order(a[at] ?? 0n, b[at] ?? 0n);
    if (found !== 0) return found;
  }
  return 0;
}

/** What is only under development comes before all that has been released for trial. */
function phaseOf({ pre, post, dev }: Version): bigint {
  if (pre !== undefined) return { a: 0n, b: 1n, rc: 2n }[pre.phase];
  return post === undefined && dev !== undefined ? -1n : 3n;
}

function compareDev(a: bigint | undefined, b: bigint | undefined): number {
  if (a !== undefined && b !== undefined) return order(a, b);
  return Number(a === undefined) - Number(b === undefined);
}

/** Numbers come after words, and what goes on after what has ended. */
function compareLocal(a: readonly (bigint | string)[], b: readonly (bigint | string)[]): number {
  for (const [at, one] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    const isNumber = Number(typeof one === 'bigint') - Number(typeof other === 'bigint');
    const found = isNumber === 0 ? order(one, other) : isNumber;
    if (found !== 0) return found;
  }
  return a.length - b.length;
}

function order<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
