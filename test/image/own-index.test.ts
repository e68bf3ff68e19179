/** An index of one's own, behind a certificate that an authority of one's own signed. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { pythonBase } from '../../src/image/fixtures/python-base.ts';
import { lockOf, wheelOf } from '../../src/image/fixtures/wheels.ts';
import { gatherRequirements } from '../../src/image/io/requirements.ts';
import { folderOf, makeCertificate } from '../../src/net/fixtures/certificates.ts';

test("an index's certificate is trusted by the authority that pip is told of, and by nobody else's", async t => {
  const folder = folderOf(t);
  const authority = makeCertificate({ name: 'authority' });
  const { certificate, key } = makeCertificate({ name: 'index', by: authority });
  const alpha = wheelOf({ name: 'alpha' });
  const server = createServer({ cert: certificate, key }, ({ url = '' }, response) => {
    const page = `<a href="/${alpha.file}#sha256=${alpha.sha256}">alpha</a>`;
    response.end(url.endsWith('.whl') ? alpha.bytes : page);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
  writeFileSync(join(folder, 'pip.conf'), `[global]\ncert = ${join(folder, 'ca.pem')}\n`);
  const index = `https://localhost:${(server.address() as AddressInfo).port}/simple`;
  const gather = (environment: Record<string, string>): ReturnType<typeof gatherRequirements> =>
    gatherRequirements(
      { file: 'requirements.lock', text: `-i ${index}\n${lockOf(alpha)}` },
      {
        base: pythonBase(),
        cache: folder,
        environment: { HOME: '/nonexistent', ...environment },
        random: { next: () => 0 },
        signal: AbortSignal.timeout(30_000),
      },
    );
  await assert.rejects(gather({ PIP_CONFIG_FILE: '/dev/null' }), {
    code: 'source_invalid',
    message: /certificate of localhost:\d+ is not trusted/,
  });
  const layer = await gather({ PIP_CONFIG_FILE: join(folder, 'pip.conf') });
  assert.equal(layer.packages[0]?.sha256, alpha.sha256);
  const missing = gather({ PIP_CONFIG_FILE: '/dev/null', PIP_CERT: '/nonexistent/ca.pem' });
  await assert.rejects(missing, {
    code: 'file_unreadable',
    message: /^\/nonexistent\/ca\.pem cannot be read/,
  });
});
