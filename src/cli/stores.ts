/** The stores of this process: its cache, its policies, and who is told how far pulls are. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, type Logger, messageOf } from '#base';
import { describeIssue, type Policy, parsePolicy } from '#spec';
import type { Asking } from '#store';
import { policyAt } from './anchored-policy.ts';
import { wrong } from './flags.ts';
import { cacheFolder, type ModelStores, modelStore } from './model-store.ts';
import type { Telling } from './pulls.ts';
import { variableSize } from './variables.ts';

export interface StoreFlags {
  /** A file with the machine's own policy. */
  readonly policy?: string;
  readonly allowUnsafeFormats?: true;
}

export interface StorePorts {
  readonly logger: Logger;
  readonly tell: Telling;
  readonly signal?: AbortSignal;
}

/** Throws `usage_invalid`, and what is wrong with the policy's file. */
export async function modelStores({ policy: file }: StoreFlags, ports: StorePorts): Promise<ModelStores> {
  const { env } = process;
  const cache = cacheFolder(env);
  const own = file === undefined ? [] : [await policyIn(file)];
  const told = env['FAIRLEAD_MODEL_POLICY'];
  const always = told === undefined ? own : [...own, read('FAIRLEAD_MODEL_POLICY', told)];
  const options = {
    folder: cache,
    quotaBytes: variableSize('FAIRLEAD_CACHE_QUOTA', env),
    offline: isOffline(env['FAIRLEAD_OFFLINE']),
    environment: env,
  };
  const asking: Asking = { onProgress: ports.tell, signal: ports.signal };
  return {
    under: policy => {
      const policies = policy === undefined ? always : [...always, policy];
      return modelStore({
        cache,
        asking,
        isGuarded: policies.length > 0,
        open: async () => (await import('./open-model-store.ts')).openModelStore(options, policies, ports.logger),
      });
    },
  };
}

/** Throws `file_unreadable` or `spec_invalid`. */
async function policyIn(file: string): Promise<Policy> {
  try {
    return policyAt(read(file, await readFile(file, 'utf8')), dirname(resolve(file)));
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw failure('file_unreadable', { path: file, problem: messageOf(error) }, error);
  }
}

function read(file: string, text: string): Policy {
  const policy = parsePolicy(text);
  if (policy.ok) return policy.value;
  throw failure('spec_invalid', { file, issues: policy.error.map(describeIssue) });
}

function isOffline(text: string | undefined): boolean {
  if (text === undefined || /^(0|false|no|off)$/i.test(text)) return false;
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  throw wrong(`FAIRLEAD_OFFLINE must be 1 or 0, not '${text}'`);
}
