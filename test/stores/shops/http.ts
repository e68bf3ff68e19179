import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../../bench/measure/children.ts';
import type { Shop } from './shop.ts';

/** A file server with ranges and ETags, in a process of its own. */
export async function fileServer(): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-shop-'));
  const script = join(import.meta.dirname, '../../../bench/store/origins/file-server.mjs');
  const argv = [process.execPath, script, folder] as const;
  const server = await startServer({ name: 'file server', argv }, join(folder, 'log'));
  return {
    scheme: 'https',
    origin: server.url,
    put: async (name, model) => {
      const path = join(folder, `${name}.onnx`);
      writeFileSync(`${path}.new`, model);
      renameSync(`${path}.new`, path);
    },
    uri: (name, at = server.url) => `${at}/${name}.onnx`,
    env: () => ({}),
    remove: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
