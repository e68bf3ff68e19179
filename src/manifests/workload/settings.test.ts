import assert from 'node:assert/strict';
import test from 'node:test';
import { podOf } from '../fixtures/deployment.ts';
import { releaseOf } from '../fixtures/release.ts';
import { settingsOf } from './settings.ts';

const serving = { runtime: { tensorflowServing: { batching: './batching.txt' } } };

test('a server whose image has all that it reads has no ConfigMap', () => {
  const release = releaseOf({});
  assert.deepEqual(settingsOf(release, release.arms[0]), []);
});

test('what a server reads beside its models is a ConfigMap, each file of it at its own path', () => {
  const release = releaseOf(serving);
  const [map] = settingsOf(release, release.arms[0]);
  assert.ok(map);
  assert.deepEqual(map['data'], {
    '0-etc-fairlead-batching.config': 'the text of /this-machine/service/batching.txt\n',
    '1-etc-fairlead-monitoring.config':
      'prometheus_config { enable: true path: "/monitoring/prometheus/metrics" }\n',
  });
  const { volumes, containers } = podOf(serving);
  assert.deepEqual(
    volumes.find(({ name }) => name === 'settings'),
    { name: 'settings', configMap: { name: map.metadata.name } },
  );
  assert.deepEqual(
    containers[0].volumeMounts.filter(({ name }) => name === 'settings'),
    ['batching', 'monitoring'].map((file, at) => ({
      name: 'settings',
      mountPath: `/etc/fairlead/${file}.config`,
      subPath: `${at}-etc-fairlead-${file}.config`,
      readOnly: true,
    })),
  );
});

test('it never changes: another text is another ConfigMap, of a name that is no longer than a label', () => {
  const release = releaseOf(serving, { name: 'a'.repeat(40) });
  const [arm] = release.arms;
  const other = { ...arm, settings: arm.settings.map(one => ({ ...one, text: 'other' })) };
  const [first, second] = [arm, other].map(one => settingsOf(release, one)[0]);
  assert.equal(first?.['immutable'], true);
  assert.notEqual(first?.metadata.name, second?.metadata.name);
  assert.ok((first?.metadata.name.length ?? 64) <= 63);
});
