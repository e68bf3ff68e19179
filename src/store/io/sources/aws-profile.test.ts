import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { folderWith } from '../../fixtures/in-process.ts';
import { type ProfilePlace, placeOfProfile } from './aws-profile.ts';

const CONFIG = `
# what the CLI writes
[default]
region = eu-central-1
[profile team]
region=here   ; and not there
endpoint_url = http://minio:9000
[ profile  both ]
services = local
endpoint_url = http://all:1
[services local]
dynamodb =
  endpoint_url = http://dynamo:1
s3 =
  endpoint_url = http://s3:1
  max_concurrent_requests = 20
[team2]
region = ignored
`;

const found: readonly (readonly [profile: string, place: ProfilePlace])[] = [
  ['default', { region: 'eu-central-1', endpoint: undefined }],
  ['both', { region: undefined, endpoint: 'http://s3:1' }],
  ['team', { region: 'here', endpoint: 'http://minio:9000' }],
  ['keys', { region: 'ap-south-1', endpoint: undefined }],
  ['team2', { region: undefined, endpoint: undefined }],
  ['absent', { region: undefined, endpoint: undefined }],
];

for (const [profile, place] of found)
  test(`the profile '${profile}' says where S3 is`, async t => {
    const home = await folderWith(t, { config: CONFIG, credentials: '[keys]\nregion = ap-south-1\n' });
    const environment = {
      AWS_CONFIG_FILE: join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    };
    assert.deepEqual(await placeOfProfile(profile, environment), place);
  });

test('without files a profile says nothing', async () => {
  const place = await placeOfProfile('default', { HOME: '/nonexistent' });
  assert.deepEqual(place, { region: undefined, endpoint: undefined });
});
