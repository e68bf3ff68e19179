/** The files that say what is installed, and the texts of those that an image has. */

const DATABASES: readonly RegExp[] = [
  // dpkg: its own, and that of images without dpkg (Distroless), a file for each package.
  /^var\/lib\/dpkg\/(?:status|status\.d\/[^/]+|info\/[^/]+\.list)$/,
  /^(?:usr\/)?lib\/apk\/db\/installed$/,
  /^(?:etc|usr\/lib)\/os-release$/,
  /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@][^/]*\/package\.json$/,
  /[^/]\.dist-info\/(?:METADATA|RECORD)$/,
];

export function isDatabase(path: string): boolean {
  return DATABASES.some(shape => shape.test(path));
}
