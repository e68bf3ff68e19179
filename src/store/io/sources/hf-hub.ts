import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { failure } from '#base';
import type { SourceOptions } from '../../source.ts';

/** The Hub, as its own library finds it in the environment. */
export interface Hub {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly token: string | undefined;
}

/**
 * Reads HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_OFFLINE and HF_HUB_DISABLE_IMPLICIT_TOKEN:
 * https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
 */
export async function hubOf(uri: string, environment: SourceOptions['environment']): Promise<Hub> {
  if (isTrue(environment['HF_HUB_OFFLINE']) || isTrue(environment['TRANSFORMERS_OFFLINE']))
    throw failure('source_refused', {
      uri,
      problem: 'HF_HUB_OFFLINE is set, so the Hub is not asked',
      remedy: 'unset it, or pin the digest of a model that is in the cache',
    });
  const endpoint = (environment['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, '');
  if (!/^https?:\/\/[^@?#]+$/.test(endpoint) || !URL.canParse(endpoint))
    throw failure('source_refused', {
      uri,
      problem: 'HF_ENDPOINT is no address',
      remedy: 'write for example HF_ENDPOINT=https://huggingface.co',
    });
  return { endpoint, token: await tokenOf(environment) };
}

async function tokenOf(environment: SourceOptions['environment']): Promise<string | undefined> {
  if (isTrue(environment['HF_HUB_DISABLE_IMPLICIT_TOKEN'])) return undefined;
  const given = environment['HF_TOKEN'] || environment['HUGGING_FACE_HUB_TOKEN'];
  const text = given || (await readFile(tokenPath(environment), 'utf8').catch(() => ''));
  const token = text.trim();
  // What is no header cannot be a token, and would be told by whoever refuses it.
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

function tokenPath(environment: SourceOptions['environment']): string {
  const path = environment['HF_TOKEN_PATH'];
  if (path) return path;
  const cache = environment['XDG_CACHE_HOME'] || join(environment['HOME'] ?? homedir(), '.cache');
  return join(environment['HF_HOME'] || join(cache, 'huggingface'), 'token');
}

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes(value?.toUpperCase() ?? '');
}
