/** What can be wrong with artifacts and with the machine. */
import { define } from './entry.ts';

export const machineErrors = {
  model_ambiguous: define<{ path: string; found: string }>({
    meaning: 'A folder does not say which model file to serve.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ path, found }) => `${path} is not a model folder: ${found}`,
    hint: 'name a model file, a folder with one, or a folder of numbered version folders',
  }),
  format_unknown: define<{ path: string }>({
    meaning: 'The name of a model file does not tell of which format it is.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ path }) => `${path} is a model of no format that is known by its name`,
    hint: 'name it with the ending of its format, such as .onnx, .pt, .skops or .keras, or name the class that loads it, as runtime.python.class',
  }),
  repository_invalid: define<{ path: string; problem: string }>({
    meaning: 'What configures a model repository, or a model of it, cannot be served as it is.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ path, problem }) => `${path} cannot be served: ${problem}`,
    hint: '`fairlead explain` shows what a repository holds, and what of it is served',
  }),
  payload_log_unwritable: define<{ path: string; problem: string }>({
    meaning: 'The file that records of predictions go to cannot be written.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `the payload log ${path} cannot be written: ${problem}`,
    hint: 'make its folder, or name another file',
  }),
  model_invalid: define<{ path: string; problem: string; format?: string }>({
    meaning: 'The model file is not a valid model of its format.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem, format = 'ONNX' }) => `${path} is not a valid ${format} model: ${problem}`,
    hint: 'export the model again, and check that the file was copied whole',
  }),
  model_changed: define<{ path: string }>({
    meaning:
      'An instance of a model cannot be started again, as its files are not those any more that the others were loaded from.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path }) => `${path}: the file was changed after the model was loaded`,
    hint: 'load the model anew, or put back what was there',
  }),
  model_unsafe: define<{ path: string; problem: string }>({
    meaning: 'Loading the model would run code that lies in its file, as pickles do.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `${path} is not loaded: ${problem}`,
    hint: 'save it in a format that holds no code (ONNX, safetensors, skops), or set runtime.python.allowUnsafeFormats if you trust whoever made it',
  }),
  package_missing: define<{ interpreter: string; packages: readonly string[]; problem: string }>({
    meaning: 'The Python that is to run the model has not what the model needs.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ interpreter, packages, problem }) =>
      `${problem}; install it with: ${interpreter} -m pip install ${packages.map(name => `'${name}'`).join(' ')}`,
  }),
  requirement_invalid: define<{ requirement: string; problem: string }>({
    meaning: 'A requirement of a model of Python is none that pip would understand.',
    status: 500,
    exit: 2,
    retry: 'never',
    message: ({ requirement, problem }) => `the requirement '${requirement}' cannot be read: ${problem}`,
    hint: "write it as pip has it, such as torch>=2.1 or numpy~=1.26; python_version < '3.12'",
  }),
  interpreter_missing: define<{ interpreter: string; problem: string; packages: readonly string[] }>({
    meaning: 'The Python that is to run the model cannot be started.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ interpreter, problem, packages }) =>
      `the interpreter '${interpreter}' does not start: ${problem}${makingOf(interpreter, packages)}`,
    hint: 'install Python 3.9 or later with NumPy, or name another with runtime.python.interpreter',
  }),
  warmup_failed: define<{ model: string; sample: string; problem: string }>({
    meaning: 'The model failed on data that it must answer before it is ready (`model_warmup`).',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ model, sample, problem }) =>
      `the model '${model}' fails on its warm-up sample '${sample}': ${problem}`,
    hint: 'correct the sample or the model, or leave the sample out',
  }),
  model_unsupported: define<{ path: string; problem: string; remedy: string }>({
    meaning:
      'The model is valid but uses something that cannot be served, such as an INT4, bfloat16 or map output.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem, remedy }) => `${path} cannot be served: ${problem}; ${remedy}`,
  }),
  runtime_missing: define<{ runtime: string; problem: string }>({
    meaning: 'The library that executes this kind of model is not installed or does not load here.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ runtime, problem }) => `the ${runtime} runtime does not load: ${problem}`,
    hint: 'install it beside fairlead: `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`',
  }),
  server_missing: define<{ program: string; field: string; remedy: string }>({
    meaning: 'The program of another server, which the service names as its runtime, is not on this machine.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ program, field, remedy }) =>
      `the program '${program}' (${field}) is not on this machine: ${remedy}`,
  }),
  provider_missing: define<{ provider: string; problem: string; there: string }>({
    meaning:
      'The execution provider that a model is to run by is not in the installed ONNX Runtime, or does not start on this machine.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ provider, problem, there }) =>
      `ONNX Runtime cannot run by the provider '${provider}' here: ${problem} (built with ${there})`,
    hint: 'use the provider cpu, or install an onnxruntime-node that has this one: for cuda and tensorrt `npm install onnxruntime-node --onnxruntime-node-install=cuda12`, with the driver and libraries they need',
  }),
  port_taken: define<{ address: string }>({
    meaning: 'Another process listens on the address.',
    status: 500,
    exit: 3,
    retry: 'later',
    message: ({ address }) => `${address} is in use by another process`,
    hint: 'choose another with --port or --grpc-port, or 0 for any free one',
  }),
  listen_failed: define<{ address: string; problem: string }>({
    meaning: 'The server cannot listen on the address.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ address, problem }) => `cannot listen on ${address}: ${problem}`,
    hint: 'choose an address of this machine with --host, and a port you may use with --port or --grpc-port',
  }),
  tls_unusable: define<{ path: string; problem: string }>({
    meaning: 'A file that TLS is to be spoken by is missing, unreadable, no PEM, or not what it should be.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `${path} cannot be used for TLS: ${problem}`,
    hint: 'name PEM files: the certificate followed by those it was signed with, its private key without a passphrase, and the authority of your clients',
  }),
  output_failed: define<{ problem: string }>({
    meaning: 'What a command prints cannot be written, to a full disk for example.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ problem }) => `the output cannot be written: ${problem}`,
  }),
  server_failed: define<{ revision: string; problem: string }>({
    meaning: 'A server process ended before it was ready.',
    status: 500,
    exit: 3,
    retry: 'later',
    message: ({ revision, problem }) => `the server of ${revision} did not become ready: ${problem}`,
  }),
} as const;

/** How a virtual environment is made, where an interpreter is called as one of those is. */
function makingOf(interpreter: string, packages: readonly string[]): string {
  const folder = /^(.+)\/bin\/python[\d.]*$/.exec(interpreter)?.[1];
  // What the system has is not made so.
  if (folder === undefined || /^\/(usr(\/local)?)?$/.test(folder)) return '';
  const names = packages.length === 0 ? 'what the model needs' : packages.map(name => `'${name}'`).join(' ');
  return `; make it with: python3 -m venv ${folder}, and then ${interpreter} -m pip install ${names}`;
}
