/** A path that others lie below, and so would be a file and a folder at once. */
export function overlapOf(paths: readonly string[]): string | undefined {
  const all = new Set(paths);
  const folders = new Set(
    paths.flatMap(path => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])),
  );
  for (const folder of folders) {
    for (let at = folder; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
      if (all.has(at)) return at;
  }
  return undefined;
}
