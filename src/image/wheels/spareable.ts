/** Where most of what nobody asks for at run time lies. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\/site-packages\/(?:.*\/)?tests?\//, 'tests'],
  [/\/site-packages\/.*\.(?:pyx|pxd|pxi|c|cc|cpp|h|hpp|cuh|cmake|a)$/, 'sources and headers'],
  [/\/site-packages\/.*\.pyi$/, 'type stubs'],
  [/\/site-packages\/(?:.*\/)?__pycache__\//, 'compiled again when it is imported'],
];

/**
 * What a file of an image is, if a server can most likely do without: for a report, never for leaving it out unasked. A package may
 * import its own tests (`numpy.testing` does not, `sklearn.utils._testing` is no test), and compile code at run time.
 */
export function spareable(path: string): string | undefined {
  return KINDS.find(([kind]) => kind.test(path))?.[1];
}
