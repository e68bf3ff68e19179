import { z } from 'zod';
import { err, ok, type Result } from '#base';
import type { ImageConfig } from '../base-image.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no SHA-256 digest');
const texts = z.array(z.string());
/** Go writes nothing as null. */
const some = <T extends z.ZodType>(type: T) => type.nullish().transform(value => value ?? undefined);

const runConfig = z.looseObject({
  User: some(z.string()),
  Env: some(texts),
  Entrypoint: some(texts),
  Cmd: some(texts),
  WorkingDir: some(z.string()),
  Labels: some(z.record(z.string(), z.string())),
  ExposedPorts: some(z.record(z.string(), z.looseObject({}))),
  StopSignal: some(z.string()),
});

const config = z.looseObject({
  architecture: z.string().min(1),
  os: z.string().min(1),
  variant: some(z.string()),
  config: some(runConfig),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(digest) }),
  history: some(z.array(z.looseObject({}))),
});

/** Reads the configuration of an image: OCI image specification, "Image Configuration". */
export function readConfig(bytes: Uint8Array): Result<ImageConfig, string> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return err('its configuration is no JSON');
  }
  const read = config.safeParse(value);
  if (read.success) return ok(withoutUndefined(read.data) as unknown as ImageConfig);
  const [issue] = read.error.issues;
  return err(`its configuration is broken at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`);
}

function withoutUndefined(value: object): object {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.map(([key, one]) => [key, key === 'config' ? withoutUndefined(one as object) : one]),
  );
}
