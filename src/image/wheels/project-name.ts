/** Names of Python's projects and extras: packaging specifications, "Names and normalization" (PEP 503). */

export const PROJECT_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** What is the same project has the same: `Scikit_Learn` is `scikit-learn`. */
export function normalName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}
