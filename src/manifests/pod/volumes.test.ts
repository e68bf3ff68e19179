import assert from 'node:assert/strict';
import test from 'node:test';
import { podOf } from '../fixtures/deployment.ts';

/** Volumes by name, and where the server has them. */
function volumesIn(spec: object) {
  const { volumes, containers } = podOf(spec);
  return {
    volumes: Object.fromEntries(volumes.map(({ name, ...source }) => [name, source])),
    mounts: containers[0].volumeMounts,
  };
}

test('a pod of an image with its model has a place for temporary files, and nothing else', () => {
  assert.deepEqual(volumesIn({ kubernetes: { temporary: '512Mi' } }), {
    volumes: { tmp: { emptyDir: { sizeLimit: '512Mi' } } },
    mounts: [{ name: 'tmp', mountPath: '/tmp' }],
  });
});

test('models of one claim are found below one read-only mount, as the store looks for them', () => {
  const models = ['a', 'b'].map(name => ({ name, uri: `pvc://claim/${name}/3` }));
  const { volumes, mounts } = volumesIn({ models });
  assert.deepEqual(volumes['volume'], { persistentVolumeClaim: { claimName: 'claim', readOnly: true } });
  assert.deepEqual(mounts.slice(1), [{ name: 'volume', mountPath: '/mnt/pvc/claim', readOnly: true }]);
});

test('a server of others finds a part of a claim where it looks for its model', () => {
  const { mounts } = volumesIn({ model: { uri: 'pvc://claim/a/3' }, runtime: { triton: {} } });
  assert.deepEqual(mounts[1], {
    name: 'volume',
    mountPath: '/models/a/3',
    subPath: 'a/3',
    readOnly: true,
  });
});

test('an image volume is asked for as it is named', () => {
  const uri = `oci://registry.example/m@sha256:${'1'.repeat(64)}`;
  const { volumes } = volumesIn({ model: { uri }, kubernetes: { models: 'volume' } });
  assert.deepEqual(volumes['volume'], {
    image: { reference: uri.replace('oci://', ''), pullPolicy: 'IfNotPresent' },
  });
});

test('the cache is a folder of the pod with room for what is pulled, or a claim', () => {
  const model = { uri: 's3://bucket/m/3' };
  const cached = (cache?: object) =>
    volumesIn({ model, kubernetes: { ...(cache && { cache }) } }).volumes['cache'];
  assert.deepEqual(cached(), { emptyDir: { sizeLimit: '11Gi' } });
  assert.deepEqual(cached({ size: '1000Mi' }), { emptyDir: { sizeLimit: '1100Mi' } });
  assert.deepEqual(cached({ claim: 'shared' }), { persistentVolumeClaim: { claimName: 'shared' } });
});

const tls = { certificate: 'a.crt', key: 'a.key', clientAuthority: 'ca.crt', healthPort: 8081 };
const auth = { predict: { keys: { file: 'p.yaml' } }, admin: { keys: { file: '/run/admin/a.yaml' } } };
const secrets = { tls: 'digits-tls', predict: 'callers', admin: 'staff' };

test('secrets are whole folders, so that a rotation is seen, with the names that the server knows', () => {
  const { volumes, mounts } = volumesIn({ server: { tls, auth }, kubernetes: { secrets } });
  const folders = mounts.filter(({ name }) => name.startsWith('secrets'));
  assert.deepEqual(
    folders.map(({ mountPath, subPath, readOnly }) => [mountPath, subPath, readOnly]),
    ['/etc/fairlead/keys', '/run/admin', '/etc/fairlead/tls'].map(path => [path, undefined, true]),
  );
  const items = (keys: readonly (readonly [string, string])[]) => keys.map(([key, path]) => ({ key, path }));
  const projected = (name: string, keys: readonly (readonly [string, string])[]) => ({
    projected: { defaultMode: 0o440, sources: [{ secret: { name, items: items(keys) } }] },
  });
  assert.deepEqual(volumes['secrets'], projected('callers', [['keys.yaml', 'predict.yaml']]));
  assert.deepEqual(volumes['secrets-2'], projected('staff', [['keys.yaml', 'a.yaml']]));
  assert.deepEqual(
    volumes['secrets-3'],
    projected('digits-tls', [
      ['tls.crt', 'tls.crt'],
      ['tls.key', 'tls.key'],
      ['ca.crt', 'ca.crt'],
    ]),
  );
});

test('records of predictions are written to a folder that holds as many files as are kept', () => {
  const payloadLog = { file: 'records.jsonl', maxFile: '10Mi', files: 2 };
  const { volumes, mounts } = volumesIn({ server: { payloadLog } });
  assert.deepEqual(volumes['records'], { emptyDir: { sizeLimit: '30Mi' } });
  assert.deepEqual(mounts.at(-1), { name: 'records', mountPath: '/var/log/fairlead' });
  const inTemporary = volumesIn({ server: { payloadLog: { file: '/tmp/records.jsonl' } } });
  assert.deepEqual(Object.keys(inTemporary.volumes), ['tmp']);
});
