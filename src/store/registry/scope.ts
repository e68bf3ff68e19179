/** What a token lets do, by what: Docker's registry token specification, "Requesting a Token". */
export type Scopes = ReadonlyMap<string, ReadonlySet<string>>;

export const noScopes: Scopes = new Map();

/** Reads `repository:a/b:pull,push`, several of them with spaces between. What names nothing lets do nothing. */
export function scopesOf(text: string): Scopes {
  const read = text.split(' ').filter(scope => !/^(?::|$)/.test(scope));
  return read.reduce<Scopes>((all, scope) => {
    // A name may have a port in it.
    const colon = scope.includes(':') ? scope.lastIndexOf(':') : scope.length;
    const actions = scope.slice(colon + 1).split(',');
    return joined(all, new Map([[scope.slice(0, colon), new Set(actions.filter(action => action !== ''))]]));
  }, noScopes);
}

/** All that either lets do. */
export function joined(some: Scopes, others: Scopes): Scopes {
  const all = new Map(some);
  for (const [what, actions] of others) all.set(what, new Set([...(all.get(what) ?? []), ...actions]));
  return all;
}

/** Whether nothing of what is wanted is missing. */
export function covers(scopes: Scopes, wanted: Scopes): boolean {
  return [...wanted].every(([what, actions]) => {
    const given = scopes.get(what);
    return given !== undefined && [...actions].every(action => given.has(action));
  });
}

/** Each as it is asked for; read again, it is the same. */
export function scopeTexts(scopes: Scopes): string[] {
  return [...scopes].map(([what, actions]) =>
    actions.size === 0 && !what.includes(':') ? what : `${what}:${[...actions].join(',')}`,
  );
}
