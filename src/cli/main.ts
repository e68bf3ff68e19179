/**
 * The command line: parses arguments and wires the rooms together. It is the only composition root; nobody imports it.
 * Verbs are loaded when they run, so that `--help` costs no more than itself.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { boundYoungGeneration } from '#base';
import { addKubernetesCommands } from './kubernetes-commands.ts';
import { type Kind, surviveDeadReaders } from './output.ts';
import { report } from './report.ts';
import { listed, serveOptions } from './serve-options.ts';
import type { ExplainFlags } from './verbs/explain.ts';
import type { GatewayFlags } from './verbs/gateway.ts';
import type { BuildFlags, DockerfileFlags, PushFlags } from './verbs/image.ts';
import type { ListKeysFlags, NewKeyFlags } from './verbs/key.ts';
import type { ServeFlags } from './verbs/serve.ts';
import type { ChoiceFlags, OutputFlags, PruneFlags, PullFlags } from './verbs/store.ts';
import type { UpFlags } from './verbs/up.ts';
import { version } from './version.ts';

const program = new Command('fairlead')
  .description('Takes a machine-learning model to production: one file, one machine or Kubernetes.')
  .version(version)
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead up examples/digits          two versions behind one address, split 90/10\n  fairlead serve model.onnx            one model server',
  );

const host = () =>
  new Option('--host <address>', 'address to listen on').default('127.0.0.1').env('FAIRLEAD_HOST');
const port = () =>
  new Option('--port <number>', 'port to listen on; 0 for any free one').default('8501').env('FAIRLEAD_PORT');
const grpcPort = () =>
  new Option(
    '--grpc-port <number>',
    'port for gRPC, or off (default: 8500, or any free one with --port 0)',
  ).env('FAIRLEAD_GRPC_PORT');
const policy = () =>
  new Option('--policy <file>', 'which models are let in: a file as spec.policy has it').env(
    'FAIRLEAD_POLICY',
  );
/** The levels, each with what uvicorn and Python's logging call it: images made for those set LOG_LEVEL so. */
const LEVELS = { debug: ['trace'], info: [], warn: ['warning'], error: ['critical', 'fatal'] };

function logLevelOf(text: string): string {
  const wanted = text.toLowerCase();
  const found = Object.entries(LEVELS).find(([level, names]) => [level, ...names].includes(wanted));
  if (found !== undefined) return found[0];
  throw new InvalidArgumentError(`Allowed choices are ${Object.keys(LEVELS).join(', ')}.`);
}

const logLevel = (usual?: string) =>
  new Option(
    '--log-level <level>',
    `least level that is logged${usual === undefined ? '' : ` (default: ${usual})`}`,
  )
    .choices(Object.keys(LEVELS))
    .argParser(logLevelOf)
    .env('LOG_LEVEL');

program
  .command('up')
  .description(
    'run a service here: a server for each revision, and a gateway that splits traffic, over HTTP and gRPC',
  )
  .argument('<path>', 'a service file, a folder with a fairlead.yaml, or a model: a path or a URI')
  .addOption(host())
  .addOption(port())
  .addOption(grpcPort())
  .addOption(policy())
  .addOption(logLevel("the file's, or warn"))
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead up examples/digits\n  fairlead up fairlead.yaml --port 9000 --grpc-port 9001\n  fairlead up model.onnx --grpc-port off',
  )
  .action(async (path: string, flags: UpFlags) => (await import('./verbs/up.ts')).up(path, flags));

const serve = program
  .command('serve')
  .description('run one model server process; without MODEL, FAIRLEAD_MODELS or MODEL_PATH names what')
  .argument(
    '[model...]',
    'a model file, a folder with one or with numbered versions, or a repository of models, by path or URI; NAME=PATH names one',
  )
  .addOption(host())
  .addOption(port())
  .addOption(grpcPort());
for (const option of serveOptions) serve.addOption(option);
serve
  .addOption(policy())
  .addOption(logLevel().default('info'))
  .addOption(new Option('--exit-with-parent', 'stop when standard input closes').hideHelp())
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead serve model.onnx --port 8501\n  fairlead serve digits=models/digits/2 --max-rows 32\n  fairlead serve digits=s3://models/digits --poll 1m\n  fairlead serve models/digits --versions all --label digits:stable=1 --poll 30s\n  MODEL_PATH=model.onnx MODEL_NAME=digits fairlead serve',
  )
  .action(async (models: readonly string[], flags: ServeFlags) =>
    (await import('./verbs/serve.ts')).serve(models, flags),
  );

program
  .command('gateway')
  .description(
    'run the gateway of `up` alone, before servers that run elsewhere: a pod of a service on Kubernetes',
  )
  .addOption(
    new Option(
      '--plan <file>',
      'which servers, by name, and the share of each; followed while it runs',
    ).makeOptionMandatory(),
  )
  .addOption(host())
  .addOption(port())
  .addOption(grpcPort())
  .addOption(logLevel().default('info'))
  .addHelpText(
    'after',
    '\nExample:\n  fairlead gateway --plan /etc/fairlead/gateway/plan.json --host 0.0.0.0',
  )
  .action(async (flags: GatewayFlags) => (await import('./verbs/gateway.ts')).gateway(flags));

program
  .command('explain')
  .description('print what would be served and how, and where each setting comes from; 1 when some cannot be')
  .argument('<path...>', 'a service file, a folder with a fairlead.yaml, models, or a repository of them')
  .addOption(new Option('-o, --output <format>', 'text or json').default('text'))
  .addOption(new Option('--versions <versions>', 'of a folder of numbered ones: latest:2, all, or 1,3'))
  .addOption(policy())
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead explain fairlead.yaml\n  fairlead explain model_repository -o json\n  fairlead explain models.config',
  )
  .action(async (paths: readonly string[], flags: ExplainFlags) =>
    (await import('./verbs/explain.ts')).explain(paths, flags),
  );

const key = program
  .command('key')
  .description('make API keys and list them; a file keeps only their digests')
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead key new alice --rate 100/s\n  fairlead key list --file keys.yaml',
  );
const keyFile = () => new Option('--file <file>', 'the file of keys').default('keys.yaml');

key
  .command('new')
  .description('make a key, print it once, and add its digest to the file')
  .argument('<name>', 'whose it is; a second one of a name takes the place of the first when you remove that')
  .addOption(keyFile())
  .addOption(new Option('--rate <rate>', 'requests it may send: 100/s, 6000/m or 1000/h'))
  .addOption(new Option('--concurrent <count>', 'requests it may have in flight'))
  .addOption(new Option('--expires <time>', 'when it ends: 2027-01-31, or 2027-01-31T12:00:00Z'))
  .addHelpText(
    'after',
    '\nExample:\n  fairlead key new alice --rate 100/s --concurrent 8 --expires 2027-01-31',
  )
  .action(async (name: string, flags: NewKeyFlags) => (await import('./verbs/key.ts')).newKey(name, flags));

key
  .command('list')
  .description('print what the file says of its keys')
  .addOption(keyFile())
  .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
  .addHelpText('after', '\nExample:\n  fairlead key list --file keys.yaml')
  .action(async (flags: ListKeysFlags) => (await import('./verbs/key.ts')).listKeys(flags));

const store = program
  .command('store')
  // Before anything is loaded: nothing lives long in a process that only fetches.
  .hook('preSubcommand', () => boundYoungGeneration(0))
  .description('fetch, verify and remove models in the cache of this machine')
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead store pull s3://models/digits/3\n  fairlead store list\n  fairlead store prune --keep 50Gi\n\nThe cache is FAIRLEAD_CACHE, or ~/.cache/fairlead/models.',
  );
const json = () =>
  new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text');
const chosen = (verb: Command) =>
  verb
    .addOption(listed('--include <pattern>', 'fetch only files like this'))
    .addOption(listed('--exclude <pattern>', 'leave out files like this'))
    .addOption(new Option('--versions <versions>', 'of a folder of numbered ones: latest:2, all, or 1,3'));

chosen(
  store
    .command('pull')
    .description('fetch models into the cache; without URI those that FAIRLEAD_MODELS or MODEL_PATH names')
    .argument('[uri...]', 'where a model is: s3://, gs://, az://, oci://, hf://, https://, pvc:// or a path')
    .addOption(new Option('--digest <digest>', 'what it must be: sha256:…')),
)
  .addOption(new Option('-f, --file <file>', 'every model of a service file, by its policy'))
  .addOption(new Option('--to <folder>', 'copy the files there too, for a server without the cache'))
  .addOption(new Option('--timeout <duration>', 'give up when not all is here by then (default: never)'))
  .addOption(policy())
  .addOption(new Option('--allow-unsafe-formats', 'let in files that run code when they are loaded'))
  .addOption(json())
  .addHelpText(
    'after',
    "\nExamples:\n  fairlead store pull hf://owner/repo@main --include '*.onnx'\n  fairlead store pull oci://ghcr.io/acme/digits:3 --digest sha256:…\n  fairlead store pull -f fairlead.yaml",
  )
  .action(async (uris: readonly string[], flags: PullFlags) =>
    (await import('./verbs/store.ts')).pull(uris, flags),
  );

store
  .command('verify')
  .description('read the cache through; 1 when something is damaged')
  .argument('[model...]', 'digests or URIs of models in it; all of it without')
  .addOption(json())
  .addHelpText('after', '\nExamples:\n  fairlead store verify\n  fairlead store verify s3://models/digits/3')
  .action(async (models: readonly string[], flags: OutputFlags) =>
    (await import('./verbs/store.ts')).verify(models, flags),
  );

store
  .command('list')
  .description('print what the cache holds, what was used last first')
  .addOption(json())
  .addHelpText('after', '\nExample:\n  fairlead store list -o json')
  .action(async (flags: OutputFlags) => (await import('./verbs/store.ts')).list(flags));

store
  .command('prune')
  .description('remove what broken pulls left, and models that nobody uses, least lately used first')
  .addOption(new Option('--keep <size>', 'until the cache is no larger (default: FAIRLEAD_CACHE_QUOTA)'))
  .addOption(new Option('--older-than <duration>', 'until none was used so long ago: 12h or 30d'))
  .addOption(new Option('--all', 'until nothing is left that nobody uses'))
  .addOption(json())
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead store prune --keep 50Gi\n  fairlead store prune --older-than 30d',
  )
  .action(async (flags: PruneFlags) => (await import('./verbs/store.ts')).prune(flags));

chosen(
  store
    .command('digest')
    .description('print the digest that pins a model: of a path, or of what a URI leads to, which is fetched')
    .argument('<uri...>', 'paths or URIs'),
)
  .addOption(json())
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead store digest models/digits/3\n  fairlead store digest s3://models/digits/3',
  )
  .action(async (uris: readonly string[], flags: ChoiceFlags) =>
    (await import('./verbs/store.ts')).digestsTold(uris, flags),
  );

const image = program
  .command('image')
  .description('build images with the model baked in, and push them: no Docker, no root')
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead image build fairlead.yaml -t ghcr.io/acme/digits:2 --push\n  fairlead image build model.onnx --explain\n\nLayers are kept in FAIRLEAD_IMAGE_CACHE, or ~/.cache/fairlead/images.',
  );
const tag = (what: string) => new Option('-t, --tag <name>', what);
const reached = (verb: Command) =>
  verb
    .addOption(
      listed('--plain-http <host>', 'a registry that is reached by plain http, as those of this machine are'),
    )
    .addOption(
      new Option('--ca <file>', 'certificates of authorities, in PEM, that registries are trusted by too'),
    );
const made = (verb: Command) =>
  reached(
    verb
      .argument(
        '[path]',
        'a service file, a folder with a fairlead.yaml, or a model: a path or a URI (default: .)',
      )
      .addOption(
        listed('--platform <platform>', 'linux/amd64, linux/arm64, or both with a comma (default: this one)'),
      )
      .addOption(new Option('--base <name>', 'the image that it is built on; @sha256:… pins it'))
      .addOption(
        new Option('--node <name>', "an image that Node's program is taken out of, where the base has none"),
      )
      .addOption(
        new Option(
          '--requirements <file>',
          'packages of Python, locked by hash (default: requirements.lock beside the file)',
        ),
      )
      .addOption(new Option('--candidate', "the candidate's image, and not that of the stable revision"))
      .addOption(new Option('--self', "fairlead's own image, without a model"))
      .addOption(new Option('--onnx', 'with --self: what runs models of ONNX too'))
      .addOption(policy()),
  );

made(
  image
    .command('build')
    .description(
      'build an image from a service file, the same bytes each time, and print its name with its digest',
    ),
)
  .addOption(tag('what it is called: registry/repository:tag'))
  .addOption(new Option('--push', 'put it into the registry that its name says'))
  .addOption(new Option('--oci-layout <folder>', 'put it into a folder: an OCI image layout'))
  .addOption(new Option('--tar <file>', 'put it into a tar file, which docker load takes'))
  .addOption(new Option('--explain', 'print what its layers and packages take, and what could go'))
  .addOption(json())
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead image build examples/digits -t ghcr.io/acme/digits:2 --push\n  fairlead image build fairlead.yaml -t digits:2 --tar digits.tar --platform linux/arm64\n  fairlead image build fairlead.yaml --base node:24-bookworm-slim@sha256:… --explain\n  fairlead image build --self -t registry.local/fairlead:0.1.0 --push',
  )
  .action(async (path: string | undefined, flags: BuildFlags) =>
    (await import('./verbs/image.ts')).build(path, flags),
  );

reached(
  image
    .command('push')
    .description('push an image that was built before, with what is attached to it')
    .argument('<layout>', 'an OCI image layout: a folder, or a tar file of one')
    .argument('<name>', 'what it is called there: registry/repository:tag'),
)
  .addOption(json())
  .addHelpText('after', '\nExample:\n  fairlead image push digits.tar ghcr.io/acme/digits:2')
  .action(async (layout: string, name: string, flags: PushFlags) =>
    (await import('./verbs/image.ts')).push(layout, name, flags),
  );

made(
  image
    .command('dockerfile')
    .description('print the Dockerfile of the same image, for those who must use Docker'),
)
  .addOption(tag('what the command at its top makes'))
  .addOption(new Option('--to <folder>', 'write it there, with all that it copies'))
  .addHelpText(
    'after',
    '\nExamples:\n  fairlead image dockerfile examples/digits\n  fairlead image dockerfile fairlead.yaml --to context && docker buildx build context',
  )
  .action(async (path: string | undefined, flags: DockerfileFlags) =>
    (await import('./verbs/image.ts')).dockerfile(path, flags),
  );

addKubernetesCommands(program);

program
  .command('schema')
  .description('print the JSON Schema of a service file')
  .addHelpText('after', '\nExample:\n  fairlead schema > fairlead.schema.json')
  .action(async () => (await import('./verbs/schema.ts')).schema());

/** The variables that are read, here and in the verbs. */
const ENVIRONMENT = [
  'FAIRLEAD_AUTH',
  'FAIRLEAD_CACHE',
  'FAIRLEAD_CACHE_QUOTA',
  'FAIRLEAD_GRPC_PORT',
  'FAIRLEAD_HOST',
  'FAIRLEAD_IMAGE_CACHE',
  'FAIRLEAD_IMAGE_CACHE_QUOTA',
  'FAIRLEAD_MODELS',
  'FAIRLEAD_MODEL_POLICY',
  'FAIRLEAD_OFFLINE',
  'FAIRLEAD_POLICY',
  'FAIRLEAD_PORT',
  'LOG_LEVEL',
  'MODEL_NAME',
  'MODEL_PATH',
  'MODEL_VERSION',
  'SOURCE_DATE_EPOCH',
];

/** Verbs that serve until they are told to stop. */
const LASTING = ['up', 'serve', 'gateway'];

let kind: Kind = 'one-shot';
surviveDeadReaders(() => kind);
program.hook('preAction', (_, verb) => {
  if (LASTING.includes(verb.name())) kind = 'lasting';
});

// Compose files and pipelines write `MODEL_PATH=` for what is not set.
for (const name of ENVIRONMENT) if (process.env[name] === '') delete process.env[name];

try {
  await program.parseAsync();
} catch (error: unknown) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0;
  else process.exitCode = report(error);
}
