/** Which wheels run where: packaging specifications, "Platform compatibility tags" (PEP 425, 600 and 656). */
import { machineOf, type Target } from './target.ts';

/** Names that came before the version of the library was in the name, by the minor of glibc 2. */
const OLD_NAMES: ReadonlyMap<number, string> = new Map([
  [17, 'manylinux2014'],
  [12, 'manylinux2010'],
  [5, 'manylinux1'],
]);

/** Oldest glibc 2 that wheels are made for. */
const OLDEST = { amd64: 5, arm64: 17 } as const;

/** The rank of each tag that fits, 0 the best, in the order in which pip prefers them: for this very Python, then for older ones. */
export function ranksOf(target: Target): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const tag of tagsOf(target)) if (!ranks.has(tag)) ranks.set(tag, ranks.size);
  return ranks;
}

function* tagsOf(target: Target): Generator<string> {
  const { minor } = target.python;
  const platforms = platformsOf(target);
  const own = `cp3${minor}`;
  for (const abi of [own, 'abi3', 'none'])
    for (const platform of platforms) yield `${own}-${abi}-${platform}`;
  // What keeps to the stable interface of an older one runs on all that came after it.
  for (let older = minor - 1; older >= 2; older--)
    for (const platform of platforms) yield `cp3${older}-abi3-${platform}`;
  for (const python of pythonsOf(minor)) for (const platform of platforms) yield `${python}-none-${platform}`;
  yield `${own}-none-any`;
  for (const python of pythonsOf(minor)) yield `${python}-none-any`;
}

/** Any Python of these versions or later. */
function pythonsOf(minor: number): readonly string[] {
  const older = Array.from({ length: minor }, (_, at) => `py3${minor - 1 - at}`);
  return [`py3${minor}`, 'py3', ...older];
}

function platformsOf({ architecture, libc }: Target): readonly string[] {
  const machine = machineOf(architecture);
  const own = `linux_${machine}`;
  if (libc.kind === 'musl')
    return [...downTo(libc.minor, 0).map(minor => `musllinux_${libc.major}_${minor}_${machine}`), own];
  const named = downTo(libc.minor, OLDEST[architecture]).flatMap(minor => {
    const old = OLD_NAMES.get(minor);
    return [`manylinux_2_${minor}_${machine}`, ...(old === undefined ? [] : [`${old}_${machine}`])];
  });
  return [...named, own];
}

function downTo(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, from - to + 1) }, (_, at) => from - at);
}
