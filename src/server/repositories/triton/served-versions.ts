import { err, ok, type Result } from '#base';
import { ModelConfig } from '../../protobuf/model-config.ts';
import { faultText, readText } from '../../protobuf/text-format.ts';
import { chooseVersions, latestOnly } from '../version-policy.ts';
import { policyOf } from '../written-policy.ts';
import { CONFIG_FILE } from './config.ts';

/**
 * Which of a model's versions Triton itself serves, whatever runs them there, by the text of its configuration if it has one;
 * or why that cannot be read.
 */
export function tritonVersions(
  config: string | undefined,
  there: readonly string[],
): Result<readonly string[], string> {
  const read = readText(ModelConfig, config ?? '');
  if (!read.ok) return err(faultText(CONFIG_FILE, read.error));
  const policy = policyOf(read.value.message.version_policy) ?? latestOnly;
  return ok(chooseVersions(policy, there).serve);
}
