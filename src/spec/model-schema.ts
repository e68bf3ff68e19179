/** What a service serves: one model, several, or a folder of them. */
import * as z from 'zod';
import { counts, LABEL, NOT_A_LABEL } from './bounds.ts';
import { countOf, oneKeyOf, versionText } from './fields.ts';
import { modelSettings } from './settings-schema.ts';

/** A name longer than a file's other lists is no list that a person wrote. */
const MOST_MODELS = 1000;
const MOST_VERSIONS = 1000;

const uri = z
  .string()
  .min(1, 'must not be empty')
  .refine(text => !text.includes('\0'), 'must not hold a NUL character');
const name = z.string().regex(LABEL, NOT_A_LABEL);

const MOST_GLOBS = 100;
const MOST_GLOB = 255;

/** `sha256:` and 64 hex digits, as `fairlead store digest` tells it. */
const digest = z
  .string()
  .regex(
    /^sha256:[0-9a-f]{64}$/,
    'must be sha256: and 64 hex digits in lower case, as `fairlead store digest` tells it',
  );

const globs = z
  .array(
    z
      .string()
      .min(1, 'must not be empty')
      .max(MOST_GLOB)
      .refine(isGlob, "must be a pattern of paths in the model, such as '*.onnx' or 'onnx/**'"),
  )
  .min(1, 'must name a pattern')
  .max(MOST_GLOBS);

/** Paths in a model begin with a name, and hold no backslashes. */
function isGlob(text: string): boolean {
  return !/[\0\\]/.test(text) && text.split('/').every(part => part !== '' && part !== '.' && part !== '..');
}

const versions = oneKeyOf({
  latest: countOf(counts.latest).optional().describe('So many of those with the highest numbers.'),
  all: z.strictObject({}).optional(),
  specific: z
    .array(versionText())
    .min(1, 'must name a version')
    .max(MOST_VERSIONS)
    .refine(list => new Set(list).size === list.length, 'names a version twice')
    .optional(),
});

const fields = {
  uri: uri.describe(
    'Where the model is: a path (relative to this file), file://, pvc://, s3://, gs://, az://, oci://, hf:// or https://.',
  ),
  digest: digest
    .optional()
    .describe('Pins the model: other bytes are not loaded. `fairlead store digest` tells it.'),
  include: globs
    .optional()
    .describe('Of what is fetched, only files whose paths are like one of these patterns. Default: all.'),
  exclude: globs.optional().describe('Files that are not fetched, though they are included.'),
  name: name.optional().describe('MODEL_NAME: the name in the protocols. Default: the name of the service.'),
  version: versionText()
    .optional()
    .describe('MODEL_VERSION. Default: the number of the version folder, otherwise the start of the digest.'),
  versions: versions
    .optional()
    .describe('Which of a folder of numbered versions are served. Default: the one with the highest number.'),
  labels: z
    .record(z.string().regex(LABEL, NOT_A_LABEL), versionText())
    .optional()
    .describe('Names that clients may use for versions: label to version.'),
  ...modelSettings,
};

const oneOrMore = {
  error: 'cannot stand beside version, which names the one',
  path: ['versions'],
};

const saysOnce = (model: { version?: unknown; versions?: unknown }): boolean =>
  model.version === undefined || model.versions === undefined;

const pinsOne = {
  error: 'pins one version, and versions can mean several: name one of them, or pin none',
  path: ['digest'],
};

const canPin = ({
  digest: pin,
  versions: chosen,
}: {
  digest?: unknown;
  versions?: Chosen | undefined;
}): boolean => pin === undefined || chosen === undefined || !isSeveral(chosen);

type Chosen = Readonly<z.output<typeof versions>>;

function isSeveral({ latest = 1, all, specific = [] }: Chosen): boolean {
  return all !== undefined || latest > 1 || specific.length > 1;
}

/** Of what lies on this machine nothing is fetched, so there is nothing to leave out. */
const fetchesAll = (side: 'include' | 'exclude') => ({
  error: 'has no effect on a path or a volume: nothing of it is fetched',
  path: [side],
});

const canLeaveOut =
  (side: 'include' | 'exclude') =>
  (model: { uri: string; include?: unknown; exclude?: unknown }): boolean =>
    model[side] === undefined || isFetched(model.uri);

/** Whether a model of this URI has to be fetched, as far as its scheme tells. */
export function isFetched(written: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(written)?.[1]?.toLowerCase();
  return scheme !== undefined && scheme !== 'file' && scheme !== 'pvc';
}

const model = z
  .strictObject(fields)
  .refine(saysOnce, oneOrMore)
  .refine(canPin, pinsOne)
  .refine(canLeaveOut('include'), fetchesAll('include'))
  .refine(canLeaveOut('exclude'), fetchesAll('exclude'));

/** One model of several. */
export const namedModel = z
  .strictObject({
    ...fields,
    name: name.describe('The name in the protocols.'),
    share: countOf(counts.share)
      .optional()
      .describe(
        'How much of the machine it has when models compete, in proportion to the others. Default: 1.',
      ),
  })
  .refine(saysOnce, oneOrMore)
  .refine(canPin, pinsOne)
  .refine(canLeaveOut('include'), fetchesAll('include'))
  .refine(canLeaveOut('exclude'), fetchesAll('exclude'));

export const modelList = z.array(namedModel).min(1, 'must hold a model').max(MOST_MODELS);

const repository = z.strictObject({
  uri: uri.describe(
    "A folder of models, or Triton's or TensorFlow Serving's repository, or a models.config file: a path (relative to this file) or any URI that a model may have.",
  ),
  versions: versions
    .optional()
    .describe('Which versions are served of a model whose own configuration does not say.'),
});

/** `spec` and `spec.candidate` have one of these. */
export const whatIsServed = {
  model: model.optional(),
  models: modelList.optional().describe('Several models in one server.'),
  repository: repository.optional().describe('A folder of models in one server.'),
};

const KINDS = ['model', 'models', 'repository'] as const;

/** Adds the rule that there is just one of the three, told at the place where one is missing or too many. */
export function servesOneKind<T extends z.ZodType<Partial<Record<(typeof KINDS)[number], unknown>>>>(
  schema: T,
): T {
  const kinds = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? KINDS.filter(kind => Object.hasOwn(value, kind)) : ['?'];
  // Told beside the other faults of the map, not after them.
  const when = (): boolean => true;
  return schema
    .refine(value => kinds(value).length > 0, {
      when,
      path: ['model'],
      error: 'is missing; models or repository may stand in its place',
    })
    .refine(value => !(kinds(value).includes('models') && kinds(value)[0] !== 'models'), {
      when,
      path: ['models'],
      error: 'cannot stand beside model',
    })
    .refine(value => !(kinds(value).includes('repository') && kinds(value)[0] !== 'repository'), {
      when,
      path: ['repository'],
      error: 'cannot stand beside model or models',
    });
}

export type ModelSource = Readonly<z.output<typeof model>>;
/** A model of a list, as `serve` takes it too. */
export type ModelEntry = Readonly<z.output<typeof namedModel>>;
export type RepositorySource = Readonly<z.output<typeof repository>>;
