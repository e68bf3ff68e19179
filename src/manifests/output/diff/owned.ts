/**
 * Which members of a live object fairlead has applied: `metadata.managedFields`, as server-side apply keeps them (Kubernetes API
 * reference, "FieldsV1"). `f:name` is a member, `k:{…}` an item by its key, `v:…` an item by its value.
 */

import { MANAGER } from '../../names.ts';
import type { KubeObject } from '../../object.ts';
import { isMembers, type Members } from '../walk.ts';

/** Undefined where nothing is known of it. What has no members is owned as a whole. */
export type Owned = Members | undefined;

export function ownedOf({ metadata }: KubeObject): Owned {
  const fields = 'managedFields' in metadata ? metadata.managedFields : undefined;
  if (!Array.isArray(fields)) return undefined;
  const own = fields.filter(isMembers).find(isOurs);
  return own && isMembers(own['fieldsV1']) ? own['fieldsV1'] : undefined;
}

function isOurs({ manager, operation, subresource }: Members): boolean {
  return manager === MANAGER && operation === 'Apply' && (subresource ?? '') === '';
}

export function ownedMember(owned: Owned, key: string): Owned {
  const found = owned?.[`f:${key}`];
  return isMembers(found) ? found : undefined;
}

export function ownedItem(owned: Owned, item: unknown): Owned {
  for (const [key, fields] of Object.entries(owned ?? {})) {
    if (isMembers(fields) && names(key, item)) return fields;
  }
  return undefined;
}

function names(key: string, item: unknown): boolean {
  if (key.startsWith('v:')) return key.slice(2) === JSON.stringify(item);
  if (!key.startsWith('k:')) return false;
  const wanted: unknown = JSON.parse(key.slice(2));
  if (!isMembers(wanted) || !isMembers(item)) return false;
  return Object.entries(wanted).every(([member, value]) => item[member] === value);
}

export function isWhole(owned: Owned): boolean {
  return owned !== undefined && Object.keys(owned).every(key => key === '.');
}
