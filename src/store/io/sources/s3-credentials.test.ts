/** Whom S3 is asked as: the library's own chain, each in a process that has only that. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { folderWith, readOnce, standIn } from '../../fixtures/in-process.ts';
import { bucketFor, noS3, putObject, s3, s3Environment, s3Origin } from '../../fixtures/s3-bucket.ts';

const KEY = s3Environment['AWS_ACCESS_KEY_ID'] ?? '';
const SECRET = s3Environment['AWS_SECRET_ACCESS_KEY'] ?? '';
const env = { AWS_ENDPOINT_URL_S3: s3Origin, AWS_REGION: 'us-east-1' };
const options = { skip: noS3, timeout: 60_000 };

async function bucketWithModel(t: TestContext): Promise<string> {
  const bucket = await bucketFor(t);
  await putObject(bucket, 'm/model.onnx', 'bytes');
  return bucket;
}

const read = { texts: { 'model.onnx': 'bytes' } };

test('keys of the environment are used', options, async t => {
  const bucket = await bucketWithModel(t);
  const keys = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET };
  assert.deepEqual(await readOnce(`s3://${bucket}/m`, { ...env, ...keys }), read);
});

/** A home of the AWS CLI. Its endpoint and region come from the profile too. */
async function profiles(t: TestContext): Promise<Record<string, string>> {
  const home = await folderWith(t, {
    credentials: `[team]\naws_access_key_id = ${KEY}\naws_secret_access_key = ${SECRET}\n[old]\naws_access_key_id = ${KEY}\naws_secret_access_key = wrong\n`,
    config: `[profile team]\nregion = us-east-1\nendpoint_url = ${s3Origin}\n`,
  });
  return { AWS_CONFIG_FILE: join(home, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials') };
}

test('a profile of the environment is used, with its endpoint', options, async t => {
  const bucket = await bucketWithModel(t);
  assert.deepEqual(await readOnce(`s3://${bucket}/m`, { ...(await profiles(t)), AWS_PROFILE: 'team' }), read);
});

test('a profile of the URI is used, with its endpoint, before keys of the environment', options, async t => {
  const bucket = await bucketWithModel(t);
  const keys = { AWS_ACCESS_KEY_ID: 'another', AWS_SECRET_ACCESS_KEY: 'another' };
  assert.deepEqual(
    await readOnce(`s3://${bucket}/m?profile=team`, { ...(await profiles(t)), ...keys }),
    read,
  );
});

test('a profile with a wrong secret is refused, and no secret is shown', options, async t => {
  const bucket = await bucketWithModel(t);
  const { code, message = '' } = await readOnce(`s3://${bucket}/m?profile=old`, {
    ...env,
    ...(await profiles(t)),
  });
  assert.equal(code, 'source_refused');
  assert.match(
    message,
    /status 403, SignatureDoesNotMatch: .*; the secret key is not that of the access key/,
  );
  assert.ok(!message.includes(KEY));
});

const granted = (
  until: string,
): string => `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <AccessKeyId>${KEY}</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey>
    <SessionToken></SessionToken><Expiration>${until}</Expiration>
  </Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;

async function webIdentity(t: TestContext, sts: string): Promise<Record<string, string>> {
  const home = await folderWith(t, { token: 'a.web.token' });
  return {
    ...env,
    AWS_ENDPOINT_URL_STS: sts,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader',
    AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'token'),
  };
}

test('a web identity is changed into credentials, with which objects are read', options, async t => {
  const bucket = await bucketWithModel(t);
  const { origin, heard } = await standIn(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(granted(new Date(Date.now() + 3_600_000).toISOString()));
  });
  assert.deepEqual(await readOnce(`s3://${bucket}/m`, await webIdentity(t, origin)), read);
  assert.match(heard[0]?.body ?? '', /Action=AssumeRoleWithWebIdentity/);
  assert.match(heard[0]?.body ?? '', /WebIdentityToken=a\.web\.token/);
});

test('a web identity that is refused is told as that', options, async t => {
  const { origin } = await standIn(t, (_, response) => {
    response.writeHead(400, { 'content-type': 'text/xml' });
    response.end(
      '<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>No OpenIDConnect provider found</Message></Error></ErrorResponse>',
    );
  });
  const { code, message = '' } = await readOnce('s3://models/m', await webIdentity(t, origin));
  assert.equal(code, 'source_refused');
  assert.match(message, /the token service gave no credentials: .*No OpenIDConnect provider.*AWS_ROLE_ARN/);
  assert.ok(!message.includes('a.web.token'));
});

test('without any credentials it is said what was looked for', { timeout: 60_000 }, async () => {
  const { code, message = '' } = await readOnce('s3://models/m', {
    ...env,
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
  });
  assert.equal(code, 'source_refused');
  for (const word of ['AWS_ACCESS_KEY_ID', "'default'", 'AWS_WEB_IDENTITY_TOKEN_FILE', '?anonymous=true'])
    assert.ok(message.includes(word), message);
});

test('a profile that is not there is named', { timeout: 60_000 }, async t => {
  const { code, message = '' } = await readOnce('s3://models/m?profile=teem', await profiles(t));
  assert.equal(code, 'source_refused');
  assert.match(message, /'teem'/);
});

/** Everybody may do these in a bucket. */
async function open(bucket: string, ...actions: string[]): Promise<void> {
  const statement = { Effect: 'Allow', Principal: '*' };
  const policy = {
    Version: '2012-10-17',
    Statement: actions.map(action => ({
      ...statement,
      Action: action,
      Resource: `arn:aws:s3:::${bucket}${action === 's3:ListBucket' ? '' : '/*'}`,
    })),
  };
  await s3().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify(policy) }));
}

test('what is public is read anonymously, and what is not says so', options, async t => {
  const bucket = await bucketWithModel(t);
  const uri = `s3://${bucket}/m?anonymous=true`;
  const { code, message = '' } = await readOnce(uri, env);
  assert.equal(code, 'source_refused');
  assert.match(message, /it is not public: leave out \?anonymous=true/);
  await open(bucket, 's3:ListBucket', 's3:GetObject');
  assert.deepEqual(await readOnce(uri, env), read);
});

test('an object is read by whoever may not list its bucket', options, async t => {
  const bucket = await bucketWithModel(t);
  await putObject(bucket, 'm/model.onnx.data', 'weights');
  await open(bucket, 's3:GetObject');
  const uri = (key: string): string => `s3://${bucket}/${key}?anonymous=true`;
  const texts = { 'model.onnx': 'bytes', 'model.onnx.data': 'weights' };
  assert.deepEqual(await readOnce(uri('m/model.onnx'), env), { texts });
  assert.equal((await readOnce(uri('m'), env)).code, 'source_refused');
});
