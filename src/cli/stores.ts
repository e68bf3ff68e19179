/** The stores of this process: its cache, its policies, and who is told how far pulls are. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, type Logger, messageOf, systemClock, systemRandom } from '#base';
import { describeIssue, type Policy, parsePolicy } from '#spec';
import { type Asking, openStore, type PolicyFile } from '#store';
import { wrong } from './flags.ts';
import { cacheFolder, type ModelStores, modelStore } from './model-store.ts';
import type { Telling } from './pulls.ts';
import { variableSize } from './variables.ts';

export interface StoreFlags {
  /** A file with the machine's own policy. */
  readonly policy?: string;
  readonly allowUnsafeFormats?: true;
  /** Nothing is let in or refused: models are read for what they are. */
  readonly isOnlyRead?: true;
}

export interface StorePorts {
  readonly logger: Logger;
  readonly tell: Telling;
  readonly signal?: AbortSignal;
}

/** Throws `usage_invalid`, and what is wrong with the policy's file. */
export async function modelStores(
  { policy: file, isOnlyRead }: StoreFlags,
  { logger, tell, signal }: StorePorts,
): Promise<ModelStores> {
  const { env } = process;
  const cache = cacheFolder(env);
  const own = file === undefined ? [] : [await policyIn(file)];
  const told = env['FAIRLEAD_MODEL_POLICY'];
  const always = told === undefined ? own : [...own, inService(read('FAIRLEAD_MODEL_POLICY', told))];
  const options = {
    folder: cache,
    quotaBytes: variableSize('FAIRLEAD_CACHE_QUOTA', env),
    offline: isOffline(env['FAIRLEAD_OFFLINE']),
    environment: env,
  };
  const asking: Asking = { onProgress: tell, signal };
  return {
    under: policy => {
      const all = policy === undefined ? always : [...always, inService(policy)];
      const policies = isOnlyRead ? 'reading' : all;
      const ports = { clock: systemClock, random: systemRandom, logger, policies } as const;
      return modelStore({ cache, asking, isGuarded: all.length > 0, open: () => openStore(options, ports) });
    },
  };
}

/** Throws `file_unreadable` or `spec_invalid`. */
async function policyIn(file: string): Promise<PolicyFile> {
  try {
    return { policy: read(file, await readFile(file, 'utf8')), name: file, base: dirname(resolve(file)) };
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw failure('file_unreadable', { path: file, problem: messageOf(error) }, error);
  }
}

/** Its paths are absolute by now. */
function inService(policy: Policy): PolicyFile {
  return { policy, name: 'spec.policy', base: '/' };
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
