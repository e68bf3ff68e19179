/** The flags of `serve`, but for those that it shares with other verbs. */
import { Option } from 'commander';

const named = (flag: string, what: string, variable: string): Option => new Option(flag, what).env(variable);

const usual = (flag: string, what: string, value: string): Option => new Option(flag, what).default(value);

/** Each time adds to a list. */
const repeated = (flag: string, what: string): Option =>
  new Option(flag, `${what}; may be repeated`)
    .argParser((one: string, before: readonly string[]) => [...before, one])
    .default([], 'none');

/** The same, undefined without any. */
export const listed = (flag: string, what: string): Option =>
  new Option(flag, `${what}; may be repeated`).argParser((one: string, before?: readonly string[]) => [
    ...(before ?? []),
    one,
  ]);

/** What to serve. */
const models = [
  named('--name <name>', 'name of the model', 'MODEL_NAME'),
  named('--model-version <version>', 'version of the model', 'MODEL_VERSION'),
  new Option('--models <file>', 'a list of models as spec.models has it, in YAML or JSON'),
  new Option('--versions <versions>', 'of a folder of numbered ones: latest:2, all, or 1,3'),
  new Option('--digest <digest>', 'what the model must be: sha256:…, as fairlead store digest tells it'),
  listed('--include <pattern>', 'of what is fetched, only files like this'),
  listed('--exclude <pattern>', 'of what is fetched, no files like this'),
  new Option('--interpreter <program>', 'the Python for models that are not of ONNX (default: python3)'),
  new Option('--class <module:class>', "the author's class, of a module in the model's folder"),
  new Option('--allow-unsafe-formats', 'load pickles too, which run whatever they say'),
  new Option('--python <options>', 'all that spec.runtime.python of a service file says, in YAML or JSON'),
  repeated('--label <model:label=version>', 'a name that TensorFlow Serving clients may use for a version'),
];

/** How models change while the server runs. */
const control = [
  new Option('--model-control', 'let clients load models anew and unload them'),
  new Option('--poll <duration>', 'look so often for models and versions that came, changed or went'),
  new Option('--lazy', 'load a model when the first request for it comes'),
  new Option(
    '--memory <size>',
    'with --lazy: memory of the server, at most; the models asked least lately leave',
  ),
];

/** How models run; a model's own configuration may say otherwise. */
const settings = [
  usual('--threads <count>', 'threads of one inference', '1'),
  usual('--instances <count>', 'worker threads of a model, or auto', 'auto'),
  usual('--place <place>', 'where models run: inline, threads, or auto to measure', 'auto'),
  usual('--provider <provider>', 'what computes: cpu, cuda, tensorrt, openvino or coreml', 'cpu'),
  usual('--max-rows <count>', 'rows of one run; 1 turns batching off', '64'),
  usual('--max-delay <duration>', 'for a batch that is not full to wait for more', '0ms'),
  new Option('--deadline <duration>', 'from a request to its answer, at most (default: the request time)'),
  usual('--queue-rows <count>', 'rows of one model that may wait', '65536'),
  usual('--queue-bytes <size>', 'bytes of one model that may wait', '256Mi'),
  usual('--priorities <levels>', 'levels of priority, and the usual one: 3:2', '1:1'),
  repeated('--share <model=number>', "a model's part of the machine when models compete (usually 1)"),
];

/** What the server takes, and how it stops. */
const limits = [
  usual('--max-body <size>', 'largest request body or gRPC message, after decompression', '128Mi'),
  usual('--max-in-flight <count>', 'requests accepted at once', '4096'),
  usual('--request-time <duration>', 'for a request to arrive whole', '30s'),
  usual('--drain-delay <duration>', 'still accepting after SIGTERM', '0s'),
  usual('--grace <duration>', 'from SIGTERM to exit, at most', '30s'),
];

/** Who may ask for what. */
const access = [
  new Option(
    '--auth <file>',
    'API keys and tokens that may ask for what, as spec.server.auth has it (default: everybody for everything)',
  ),
  new Option(
    '--only-gateway',
    'answer who sends the secret that is the first line of standard input',
  ).hideHelp(),
];

/** How the server is spoken to, and from where. */
const door = [
  new Option('--tls-certificate <file>', 'speak TLS, and show this certificate: PEM, its chain after it'),
  new Option('--tls-key <file>', "the certificate's private key: PEM, without a passphrase"),
  new Option(
    '--tls-client-authority <file>',
    'take only clients whose certificate one of these has signed: PEM',
  ),
  new Option('--health-port <number>', 'with TLS: a port without it for /health and /health/live alone'),
  repeated('--cors-origin <origin>', "let pages of an origin read answers, or of every one: '*'"),
  repeated('--cors-header <name>', 'a request header that such pages may send, beside the usual ones'),
  usual('--cors-max-age <duration>', 'for browsers not to ask again what such pages may', '10m'),
];

/** How it learns that its machine is taken away. */
const notice = [
  new Option('--notice-file <file>', 'drain once this file appears, or something is written to it'),
  usual('--notice-budget <duration>', 'from such a notice to exit, at most', '25s'),
];

/** What the server tells of its work. */
const observing = [
  new Option('--revision <name>', 'whose server it is, for traces and logs').hideHelp(),
  new Option('--trace-endpoint <url>', "an OpenTelemetry collector's address for traces (OTLP over HTTP)"),
  new Option('--trace-sample <part>', 'part of requests that is traced, 0 to 1 (default: 0.01)'),
  new Option('--log-requests <part>', 'part of predictions, 0 to 1, with a line each in the log'),
  new Option('--log-slow <duration>', 'log predictions that take longer, and where the time went'),
  new Option(
    '--payload-log <file or url>',
    'record requests and answers: a file of JSON lines, or CloudEvents',
  ),
  new Option('--payload-sample <part>', 'part of predictions, 0 to 1, that is recorded (default: 1)'),
  repeated('--payload-redact <name>', 'an input or output whose values are not recorded'),
  new Option('--payload-bytes <size>', 'of a record, for inputs and for outputs (default: 64Ki)'),
  new Option('--payload-file-bytes <size>', 'a larger file is put aside (default: 100Mi)'),
  new Option('--payload-files <count>', 'files that are kept (default: 4)'),
  new Option('--payload-form <form>', 'of CloudEvents: structured or binary (default: structured)'),
];

/** In the order of the help. */
export const serveOptions: readonly Option[] = [
  ...models,
  ...control,
  ...settings,
  ...limits,
  ...access,
  ...door,
  ...notice,
  ...observing,
];
