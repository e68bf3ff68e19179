import type { Plugin } from 'esbuild';

/**
 * Parts of packages that nothing of ours calls, though what we call imports them: 1.9 MB of the library for Kubernetes, of which
 * only the reading of kubeconfigs is used. In the bundle each is a module with the same names and nothing behind them.
 */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  './gen/index.js': ['createConfiguration', 'ServerConfiguration'],
  undici: ['Agent', 'ProxyAgent'],
};
const IMPORTER = /\/@kubernetes\/client-node\/dist\/config\.js$/;

export const standIns: Plugin = {
  name: 'stand-ins',
  setup(build) {
    build.onResolve({ filter: /^(?:undici|\.\/gen\/index\.js)$/ }, ({ path, importer }) =>
      IMPORTER.test(importer.replaceAll('\\', '/')) ? { path, namespace: 'stand-in' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'stand-in' }, ({ path }) => ({
      contents: (UNUSED[path] ?? []).map(name => `export class ${name} {}\n`).join(''),
    }));
  },
};
