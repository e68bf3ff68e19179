/**
 * Triton's model configuration (`config.pbtxt`) in the terms of this server: how the model runs, which versions of it are
 * served, and what of it has no effect here. Source: Triton's model_config.proto and its documentation.
 */
import { err, ok, type Result } from '#base';
import type { ModelSettings } from '../../models/settings.ts';
import type { WarmupSample } from '../../models/warmup-sample.ts';
import { ModelConfig } from '../../protobuf/model-config.ts';
import type { Decoded } from '../../protobuf/schema.ts';
import { faultText, readText, type TextMessage } from '../../protobuf/text-format.ts';
import { Ledger } from '../ledger.ts';
import type { Origin } from '../model.ts';
import type { Note } from '../note.ts';
import type { VersionPolicy } from '../version-policy.ts';
import { policyOf } from '../written-policy.ts';
import { modelFileName } from './backend.ts';
import { batching, isCompleted } from './batching.ts';
import { parameters } from './parameters.ts';
import { placement } from './placement.ts';
import { tritonRules } from './rules.ts';
import { type DeclaredTensors, tensors } from './tensors.ts';
import { warmupSamples } from './warmup.ts';

export type Config = Decoded<typeof ModelConfig>;

/** Its name, by which places are told. */
export const CONFIG_FILE = 'config.pbtxt';

export interface TritonConfig {
  /** Undefined where the configuration does not say. */
  readonly policy: VersionPolicy | undefined;
  /** The file of the model in a version's folder; undefined where its name is not told. */
  readonly file: string | undefined;
  readonly settings: Partial<ModelSettings>;
  readonly origins: readonly Origin[];
  readonly tensors: DeclaredTensors;
  /** Whether shapes in the configuration leave the batch out. */
  readonly batched: boolean;
  /** Files of samples are names in the model's `warmup` folder. */
  readonly warmup: readonly WarmupSample[];
  readonly notes: readonly Note[];
}

export interface ConfigFacts {
  /** The folder's, which is the model's. */
  readonly name: string;
  /** How models run that do not say otherwise. */
  readonly usual: ModelSettings;
  /** Whether the model's inputs all have a free first size, where that is known. */
  readonly freeRows?: boolean;
}

/** Reads a configuration, or says in one line each what keeps the model from being served. Of its fields none is passed over. */
export function readConfig(text: string, facts: ConfigFacts): Result<TritonConfig, readonly string[]> {
  const read = readText(ModelConfig, text);
  return read.ok ? translate(read.value, facts) : err([faultText(CONFIG_FILE, read.error)]);
}

/** Whether to read a configuration one must know whether the model has a free first size. */
export function needsHeader(text: string): boolean {
  const read = readText(ModelConfig, text);
  if (!read.ok || read.value.message.model_warmup.length === 0) return false;
  return isCompleted(read.value.message, new Ledger(CONFIG_FILE, read.value, tritonRules));
}

function translate(
  read: TextMessage<typeof ModelConfig>,
  { name, usual, freeRows = false }: ConfigFacts,
): Result<TritonConfig, readonly string[]> {
  const config = read.message;
  const ledger = new Ledger(CONFIG_FILE, read, tritonRules);
  ledger.use('name');
  if (config.name !== '' && config.name !== name)
    ledger.refuse('name', `is not the name of its folder, '${name}'`);
  const file = modelFileName(config, ledger);
  const batched = isCompleted(config, ledger) ? freeRows : config.max_batch_size > 0;
  const settings = {
    ...batching(config, ledger, usual),
    ...placement(config, ledger, usual),
    ...parameters(config, ledger),
  };
  const declared = tensors(config, ledger);
  const warmup = warmupSamples(config, ledger, batched);
  const policy = versions(config, ledger);
  const { problems, ...account } = ledger.close();
  if (problems.length > 0) return err(problems);
  return ok({ policy, file, settings, tensors: declared, batched, warmup, ...account });
}

function versions({ version_policy }: Config, ledger: Ledger): VersionPolicy | undefined {
  ledger.useAll('version_policy');
  const policy = policyOf(version_policy);
  if (policy?.specific?.length === 0) ledger.refuse('version_policy.specific', 'must name a version');
  return policy;
}
