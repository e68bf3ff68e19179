#!/usr/bin/env node
// The program of the installed package. It is the one file that an old Node reads too, so that it can say so.
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  // Compiled code is kept between starts, in the system's folder for temporary files.
  process.getBuiltinModule('node:module').enableCompileCache();
  await import('./main.js');
} else {
  process.stderr.write(
    `fairlead: this is Node ${process.versions.node}, and fairlead needs 22.19 or newer\n  hint: install a newer Node from https://nodejs.org\n`,
  );
  process.exitCode = 3;
}
