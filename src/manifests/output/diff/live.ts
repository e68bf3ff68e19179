import type { KubeObject } from '../../object.ts';
import { isMembers, type Members } from '../walk.ts';
import { isWhole, type Owned, ownedItem, ownedMember, ownedOf } from './owned.ts';
import { AMOUNTS, isSameAmount } from './quantity.ts';

/**
 * Of a live object, what can be compared with what is desired of it: members that are said there, and those that fairlead said before
 * and would take back. What the server, a controller or another person added is no difference; nor is the same amount in other words.
 * Of a list that has no keys, such as the rules of a route, a member that would be taken back cannot be told from a default.
 */
export function withoutServerFields(live: KubeObject, desired: KubeObject): KubeObject {
  const { status: _, ...said } = live;
  const owned = ownedOf(live);
  const compared = common(said, desired, { owned, isAmount: false });
  const { apiVersion, kind, metadata } = live;
  const { name, namespace } = metadata;
  const own = { name, ...(desired.metadata.namespace !== undefined && { namespace }) };
  const inner = isMembers(compared) ? compared : {};
  return { ...inner, apiVersion, kind, metadata: { ...membersOf(inner['metadata']), ...own } };
}

function membersOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}

interface Known {
  readonly owned: Owned;
  readonly isAmount: boolean;
}

/** Undefined where nothing of it can be compared. */
function common(live: unknown, desired: unknown, known: Known): unknown {
  if (Array.isArray(live)) return commonItems(live, desired, known);
  if (isMembers(live)) return commonMembers(live, desired, known);
  const isSame = known.isAmount && isSameAmount(live, desired);
  if (isSame) return desired;
  return desired === undefined && known.owned === undefined ? undefined : live;
}

function commonMembers(live: Members, desired: unknown, { owned, isAmount }: Known): unknown {
  if (desired === undefined && isWhole(owned)) return live;
  const wanted = membersOf(desired);
  const kept = Object.entries(live).flatMap(([key, value]) => {
    const inner = { owned: ownedMember(owned, key), isAmount: isAmount || AMOUNTS.has(key) };
    const found = common(value, wanted[key], inner);
    return found === undefined ? [] : [[key, found] as const];
  });
  // The server leaves out what is empty.
  const empty = Object.entries(wanted).filter(([key, value]) => live[key] === undefined && isEmpty(value));
  const isNothing = kept.length === 0 && empty.length === 0;
  if (isNothing && (desired === undefined || Object.keys(wanted).length > 0)) return undefined;
  return Object.fromEntries([...kept, ...empty]);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function commonItems(live: readonly unknown[], desired: unknown, { owned, isAmount }: Known): unknown {
  const wanted: readonly unknown[] = Array.isArray(desired) ? desired : [];
  const key = keyOf(live, wanted);
  const kept = live.flatMap((item, at) => {
    const match =
      key === undefined ? wanted[at] : wanted.find(one => membersOf(one)[key] === membersOf(item)[key]);
    const own = ownedItem(owned, item);
    if (match !== undefined) return [common(item, match, { owned: own, isAmount })];
    if (own !== undefined) return [common(item, undefined, { owned: own, isAmount })];
    // A list without keys is somebody's as a whole, and in one that is said it is ours.
    const isOurs = isWhole(owned) || (key === undefined && desired !== undefined);
    return isOurs ? [item] : [];
  });
  return desired === undefined && kept.length === 0 ? undefined : kept;
}

/** Members that tell items apart: Kubernetes API reference, `x-kubernetes-list-map-keys`. */
const KEYS = ['name', 'containerPort', 'port', 'mountPath', 'ip', 'uid'];

function keyOf(live: readonly unknown[], wanted: readonly unknown[]): string | undefined {
  return KEYS.find(key => [live, wanted].every(list => isKey(key, list)));
}

function isKey(key: string, list: readonly unknown[]): boolean {
  const values = list.map(item => membersOf(item)[key]);
  return values.every(value => value !== undefined) && new Set(values).size === values.length;
}
