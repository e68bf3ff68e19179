import { noRegistry, pushManifest, Repository, titled } from '../../fixtures/repository.ts';
import type { Place, Scheme } from '../../fixtures/scheme.ts';
import { holdCases } from '../../hold.cases.ts';
import { sourceCases } from '../../port.cases.ts';

const scheme: Scheme = {
  name: 'oci:// of ORAS artifacts',
  can: { folders: true, paths: false, many: false, isPinned: true },
  skip: noRegistry,
  async place(t): Promise<Place> {
    const repository = new Repository(t);
    const files = new Map<string, Uint8Array>();
    const push = async (): Promise<void> => {
      const layers = [...files].map(([path, bytes]) => titled(path, bytes, 'application/octet-stream'));
      await pushManifest(repository, { layers, artifactType: 'application/vnd.test.model' }, 'v1');
    };
    return {
      origin: repository.origin,
      secrets: [],
      environment: () => ({ HOME: '/nonexistent' }),
      uri: (_, at) => `oci://${new URL(at ?? repository.origin).host}/${repository.name}:v1`,
      async put(more) {
        for (const [path, bytes] of Object.entries(more)) files.set(path, bytes);
        await push();
      },
      async remove(path) {
        files.delete(path);
        await push();
      },
    };
  },
};

sourceCases(scheme);
holdCases(scheme);
