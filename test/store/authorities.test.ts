/** A registry whose certificate an authority of its own has signed. */
import assert from 'node:assert/strict';
import https from 'node:https';
import test, { type TestContext } from 'node:test';
import { makeCertificate } from '../../src/net/fixtures/certificates.ts';
import { type PushableOptions, PushableRegistry } from '../../src/store/fixtures/pushable-registry.ts';
import { randomBlob, trying, writerOf } from '../../src/store/fixtures/pushing.ts';
import { rejects } from '../../src/store/fixtures/registry-client.ts';

const authority = makeCertificate({ name: 'authority' });
const { certificate, key } = makeCertificate({ name: 'registry', by: authority });
const create: PushableOptions['create'] = answer => https.createServer({ cert: certificate, key }, answer);

const startSecure = (t: TestContext): Promise<PushableRegistry> =>
  PushableRegistry.start(t, { create, scheme: 'https' });

for (const trusted of [
  authority.certificate,
  `${makeCertificate({ name: 'x' }).certificate}${authority.certificate}`,
])
  test(`it is trusted where its authority is one of ${trusted.match(/BEGIN/g)?.length}`, async t => {
    const registry = await startSecure(t);
    const writer = writerOf(t, registry.host, { insecure: false, authorities: trusted });
    const blobs = [randomBlob(1000), randomBlob(17 * 2 ** 20)];
    for (const blob of blobs) {
      assert.equal(await writer.upload(blob, trying()), 'uploaded');
      assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
    }
  });

test('it is not trusted by those who do not know it, and that is not tried again', async t => {
  const registry = await startSecure(t);
  const others = { insecure: false, authorities: makeCertificate({ name: 'stranger' }).certificate };
  for (const options of [{ insecure: false }, others])
    await rejects(
      writerOf(t, registry.host, options).hasBlob(randomBlob(1).digest, trying()),
      'source_invalid',
      /the certificate of 127\.0\.0\.1:\d+ is not trusted \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/,
    );
  assert.deepEqual(registry.asked, []);
});
