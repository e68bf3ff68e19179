import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { folderOf, makeCertificate, writeCertificate } from '../../fixtures/certificates.ts';
import type { TlsFiles } from '../../tls/files.ts';
import { readIdentity } from './read-identity.ts';

type Files = Record<keyof TlsFiles, string>;

interface Case {
  readonly name: string;
  /** Breaks good files, or says which others to read. */
  readonly breaks: (files: Files, folder: string) => Partial<TlsFiles> | undefined | void;
  /** The file that is named, and the problem. */
  readonly problem: RegExp;
}

const broken: readonly Case[] = [
  {
    name: 'a certificate that is not there',
    breaks: (_, folder) => ({ certificate: join(folder, 'none.crt') }),
    problem: /none\.crt cannot be used for TLS: it is not there$/,
  },
  {
    name: 'a key that is not there',
    breaks: () => ({ key: '/nowhere/k' }),
    problem: /^\/nowhere\/k .* not there$/,
  },
  {
    name: 'a folder in place of a certificate',
    breaks: (_, folder) => (mkdirSync(join(folder, 'd')), { certificate: join(folder, 'd') }),
    problem: /\/d cannot be used for TLS: EISDIR/,
  },
  {
    name: 'a key in place of the certificate',
    breaks: ({ key }) => ({ certificate: key }),
    problem: /server\.key .* it holds no certificate in PEM$/,
  },
  {
    name: 'a certificate in place of the key',
    breaks: ({ certificate }) => ({ key: certificate }),
    problem: /server\.crt .* it holds no private key in PEM$/,
  },
  {
    name: 'an empty key',
    breaks: ({ key }) => writeFileSync(key, ''),
    problem: /server\.key .* no private key/,
  },
  {
    name: 'the key of another',
    breaks: ({ key }) => writeFileSync(key, makeCertificate({ name: 'x' }).key),
    problem: /server\.key .* it is not the key of the certificate in .*server\.crt$/,
  },
  {
    name: 'an expired certificate',
    breaks: (_, folder) => void writeCertificate(folder, makeCertificate({ name: 'server', days: -1 })),
    problem: /server\.crt .* it expired on 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  },
  {
    name: 'a certificate of tomorrow',
    breaks: (_, folder) => void writeCertificate(folder, makeCertificate({ name: 'server', from: 1 })),
    problem: /server\.crt .* it is not valid before 20/,
  },
  {
    name: 'a key with a passphrase',
    breaks: (_, folder) => {
      const made = makeCertificate({ name: 'server' });
      const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
      const key = createPrivateKey(made.key).export(locked).toString();
      writeCertificate(folder, { ...made, key });
    },
    problem: /server\.key .* its key is protected by a passphrase$/,
  },
  {
    name: 'a file far too large',
    breaks: ({ certificate }) => appendFileSync(certificate, Buffer.alloc(2 * 1024 * 1024, '\n')),
    problem: /server\.crt .* more than 1048576 bytes$/,
  },
  {
    name: 'an authority that is none',
    breaks: ({ clientAuthority }) => writeFileSync(clientAuthority, 'nobody\n'),
    problem: /authority\.crt .* it holds no certificate in PEM$/,
  },
];

function good(t: TestContext): { files: Files; folder: string } {
  const folder = folderOf(t);
  const authority = makeCertificate({ name: 'authority' });
  const { certificate: clientAuthority } = writeCertificate(folder, authority);
  const pair = writeCertificate(folder, makeCertificate({ name: 'server', by: authority }));
  return { files: { ...pair, clientAuthority }, folder };
}

for (const { name, breaks, problem } of broken) {
  test(`${name} is told in one sentence with its path`, async t => {
    const { files, folder } = good(t);
    const read = readIdentity({ ...files, ...breaks(files, folder) }, new Date());
    await assert.rejects(read, error => {
      assert.ok(error instanceof Error);
      assert.match(error.message, problem);
      assert.doesNotMatch(JSON.stringify(error, Object.getOwnPropertyNames(error)), /PRIVATE KEY/);
      return true;
    });
  });
}

test('a chain after the certificate, links and notes between are read', async t => {
  const { files, folder } = good(t);
  appendFileSync(files.certificate, `\n# its authority\n${makeCertificate({ name: 'between' }).certificate}`);
  symlinkSync(files.certificate, join(folder, 'link'));
  const { expires } = await readIdentity({ ...files, certificate: join(folder, 'link') }, new Date());
  assert.ok(expires.getTime() > Date.now() + 364 * 24 * 3_600_000);
});
