/** Without the members that are undefined, which would hide what is usual. */
export function written<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const found = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as { [K in keyof T]: Exclude<T[K], undefined> };
}
