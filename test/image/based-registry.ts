/** A registry on this machine with a base that images are built on: `library/node:24`, for one platform or two. */
import { debian, MadeUpRegistry, nodeImage } from '../../src/image/fixtures/made-up-registry.ts';
import { PushableRegistry } from '../../src/store/fixtures/pushable-registry.ts';

export interface Based {
  readonly registry: PushableRegistry;
  /** Its name, with the registry's. */
  readonly base: string;
  /** The same for one platform alone. */
  readonly onlyAmd: string;
  /** Without Node. */
  readonly bare: string;
}

/** A test, or a file of them. */
export interface Ending {
  after(close: () => unknown): void;
}

const REPOSITORY = 'library/node';

export async function basedRegistry(t: Ending): Promise<Based> {
  const registry = await PushableRegistry.start(t);
  const made = new MadeUpRegistry();
  const [amd, arm] = [await made.push(nodeImage('amd64')), await made.push(nodeImage('arm64'))];
  made.index('24', [
    { ...amd, platform: { os: 'linux', architecture: 'amd64' } },
    { ...arm, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  ]);
  await made.image('amd', nodeImage('amd64'));
  await made.image('bare', { layers: [debian()] });
  for (const bytes of made.blobs.values()) registry.keep(REPOSITORY, bytes);
  for (const [name, { bytes, mediaType }] of made.documents) await put(registry, name, { bytes, mediaType });
  const named = (tag: string): string => `${registry.host}/${REPOSITORY}:${tag}`;
  return { registry, base: named('24'), onlyAmd: named('amd'), bare: named('bare') };
}

async function put(
  { host }: PushableRegistry,
  name: string,
  { bytes, mediaType }: { bytes: Uint8Array; mediaType: string },
): Promise<void> {
  const { ok, status } = await fetch(`http://${host}/v2/${REPOSITORY}/manifests/${name}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: Buffer.from(bytes),
  });
  if (!ok) throw new Error(`the registry took no ${name}: ${status}`);
}
