/**
 * The list of what a package installed, as installers leave it: packaging specifications, "Recording installed projects". Paths
 * are from the folder of packages. The list itself comes last, which cannot have its own hash.
 */
export function recordText(
  files: readonly { path: string; sha256: string; size: number }[],
  own: string,
): string {
  const lines = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256, size }) => {
      const hash = Buffer.from(sha256, 'hex').toString('base64url');
      return `${quoted(path)},sha256=${hash},${size}\n`;
    });
  return `${lines.join('')}${quoted(own)},,\n`;
}

function quoted(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
