/** Where fairlead means to answer otherwise than Triton. */
import type { Rule } from './rules.ts';

const isHealth = (path: string): boolean => /\/(?:live|ready)(?:\?|$)/.test(path);

export const tritonRules: readonly Rule[] = [
  {
    id: 'ends-triton',
    title: 'Requests that end Triton',
    why: 'This Triton crashes on them, and every request under way with it. fairlead refuses them like any other wrong request.',
  },
  {
    id: 'client-fault',
    title: 'A wrong request is 400, not 500, and INVALID_ARGUMENT, not INTERNAL',
    why: 'Triton answers 500 when a body is no JSON, or a member is missing or has the wrong type. Monitoring then counts the mistakes of clients as failures of the server, and proxies may send the request again. Only the client can mend such a request, so it is 400 here.',
    covers: ({ field, peer, fairlead }) =>
      field === 'status' &&
      /^(?:500|INTERNAL) /.test(peer ?? '') &&
      /^(?:400|INVALID_ARGUMENT) /.test(fairlead ?? ''),
  },
  {
    id: 'encoding',
    title: 'An unknown Content-Encoding is 415, not 501',
    why: '415 is what RFC 9110 has for it. Both servers then say in Accept-Encoding what they take.',
    covers: ({ field, peer, fairlead }) =>
      field === 'status' && peer?.startsWith('501 ') === true && fairlead?.startsWith('415 ') === true,
  },
  {
    id: 'unknown-ready',
    title: 'An unknown model is 404',
    why: 'Asked for the readiness or the statistics of a model that it does not have, Triton answers 400. Here that is 404 wherever it is named, and a model that still loads is 503. Clients that test for 200 see no difference.',
  },
  {
    id: 'out-of-range',
    title: 'Values that do not fit their datatype',
    why: 'Triton cuts them to their low bits or makes them infinite, and answers with the result. A number that is not the one the client sent is a silent fault, so it is 400 here.',
  },
  {
    id: 'strict-json',
    title: 'Bodies that are not quite right',
    why: 'Triton reads on. fairlead takes JSON as RFC 8259 has it, in UTF-8, nested 100 deep at most, with each member and each output once.',
  },
  {
    id: 'strict-gzip',
    title: 'Bytes behind compressed data',
    why: 'Triton ignores them; here they are a fault of the client.',
  },
  {
    id: 'encoding-any',
    title: 'Accept-Encoding: *',
    why: 'Any encoding is one that the client takes (RFC 9110), so the answer is compressed.',
  },
  {
    id: 'encoding-all',
    title: 'Which answers are compressed',
    why: 'Triton compresses what models answer. fairlead compresses any answer of 128 bytes and more for whoever asks for it.',
  },
  {
    id: 'encoding-small',
    title: 'Small answers are not compressed',
    why: 'Less than 128 bytes hardly get smaller: they are sent as they are.',
  },
  {
    id: 'raw-string',
    title: 'Bytes alone for a model of strings',
    why: 'Triton takes them only where the model has the shape [1]. Here they are one string wherever the shape leaves room for one.',
  },
  {
    id: 'rpc-parameters',
    title: 'Parameters over gRPC',
    why: 'Triton takes no uint64_param, and wants at least one class. A count is a count here, and no classes are what they are over REST: the elements themselves.',
  },
  {
    id: 'strict-rpc',
    title: 'Messages that say more than they should',
    why: 'Triton overlooks an output that is listed twice, and bytes that belong to no input. Whoever sends them means something else than what would be run.',
  },
  {
    id: 'stream-status',
    title: 'triton_grpc_error',
    why: "With this in a stream's metadata, the first fault ends the stream with its status, as Triton's documentation has it. This Triton tells it in a message.",
  },
  {
    id: 'stream-model',
    title: 'The model in a fault of a stream',
    why: "fairlead says whose fault it was beside the request's id.",
    covers: ({ of, field, peer }) =>
      of.request.path.endsWith('/ModelStreamInfer') && field.endsWith('model_name') && peer === undefined,
  },
  {
    id: 'loaded-anew',
    title: 'Loading a model that is loaded',
    why: 'Triton does nothing when its files are the same. fairlead loads it anew, and its statistics begin at 0.',
  },
  {
    id: 'two-lengths',
    title: 'The JSON length twice',
    why: 'Triton takes one of the two. Two proxies that take different ones would see different requests, so it is 400 here.',
  },
  {
    id: 'largest-batch',
    title: 'The largest batch',
    why: "Triton's max_batch_size bounds the rows of a request. ONNX files have no such number. fairlead's --max-rows bounds what is run together; a request with more rows than that runs alone.",
  },
  {
    id: 'whole-numbers',
    title: 'Integers written as 1.0 or 1e1',
    why: 'Some clients write every number so. Triton refuses them; here they are the integers that they are.',
  },
  {
    id: 'no-rows',
    title: 'A batch of no rows',
    why: 'Triton refuses the shape [0,4] and takes [1,0]. Both are empty tensors, and both are taken here.',
  },
  {
    id: 'output-order',
    title: 'The order of outputs',
    why: "Triton answers in the model's order. fairlead answers in the order asked for. Clients that go by name see no difference.",
  },
  {
    id: 'binary-default',
    title: 'binary_data_output beside a list of outputs',
    why: 'The protocol says that it holds for every output that does not say otherwise. Triton forgets it when outputs are listed. Its own clients set binary_data for each output, so they see no difference.',
  },
  {
    id: 'nan-class',
    title: 'Classes whose score is NaN',
    why: 'NaN has no place in an order, and Triton leaves them and their neighbours where its sort happens to. Here they are last.',
  },
  {
    id: 'onnx-strings',
    title: 'Strings that ONNX Runtime does not take',
    why: "Its binding for Node cuts a string at a NUL and takes UTF-8 only. fairlead says so instead of running the model on something else. Triton's Python models take any bytes.",
  },
  {
    id: 'absent',
    title: 'What is not here',
    why: 'fairlead has no shared memory between client and server, no trace and log settings over HTTP, and no generate.',
  },
  {
    id: 'shared-memory',
    title: 'Shared memory',
    why: 'fairlead has none: tensors travel in the request.',
  },
  {
    id: 'identity',
    title: 'The name, the version and the extensions of the server',
    why: 'A server says what it is, and lists only what it has.',
  },
  {
    id: 'failed-count',
    title: 'Which requests count as failed',
    why: 'Triton counts those that a model failed on. fairlead counts every request for the model that was answered with an error, the wrong ones too.',
  },
  {
    id: 'ready-beside',
    title: 'Readiness after a model was unloaded',
    why: 'Triton then says that the server is not ready, and an orchestrator takes it out of service. Somebody wanted that model gone: here the server stays ready.',
  },
  {
    id: 'unload-unknown',
    title: 'Unloading an unknown model',
    why: 'Triton says 200 to any name. A misspelt name is an error here.',
  },
  {
    id: 'configuration',
    title: 'The configuration of a model',
    why: "Both answer with the members of Triton's ModelConfig. fairlead has those that mean something here: its own backend, and batching as it does it.",
    covers: ({ of, field }) =>
      /\/config$|ModelConfig$/.test(of.request.path) && field !== 'status' && field !== 'error',
  },
  {
    id: 'digest',
    title: 'The digest of a model',
    why: 'Metadata tells in `properties`, which the Open Inference Protocol has and Triton leaves empty, the digest of what is loaded, as `digest` of a service file pins it.',
    covers: ({ field }) => field === 'properties.digest',
  },
  {
    id: 'platform',
    title: 'The platform of a model',
    why: "The fixtures are Python models in Triton and ONNX files here, where the platform is what Triton's ONNX backend says too.",
    covers: ({ field }) => field === 'platform',
  },
  {
    id: 'float-text',
    title: 'How a number is written',
    why: 'Triton writes an FP32 with the digits of the double it becomes. fairlead writes the shortest digits that read back as the same FP32. The numbers are the same.',
    covers: ({ field }) => field.endsWith('.data (text)'),
  },
  {
    id: 'health-body',
    title: 'Health has a body',
    why: 'Triton answers with the status alone. fairlead adds the JSON that the Open Inference Protocol describes. Go by the status.',
    covers: ({ of, status, field }) => status === 200 && field !== 'status' && isHealth(of.request.path),
  },
  {
    id: 'head',
    title: 'HEAD',
    why: 'HTTP has HEAD wherever there is GET, and load balancers use it.',
  },
  {
    id: 'allow',
    title: 'A refused method comes with those that are allowed',
    why: 'RFC 9110 wants the header Allow with 405.',
    covers: ({ field, peer }) => field === 'allow' && peer === undefined,
  },
  {
    id: 'slash',
    title: 'A slash behind /v2',
    why: 'The OpenAPI file of the Open Inference Protocol spells it so.',
  },
  {
    id: 'version-text',
    title: 'How a version is written',
    why: 'Triton reads versions as 64-bit numbers. Here they are texts, so 01 is not 1.',
  },
  {
    id: 'decoded-names',
    title: 'Escapes in a name',
    why: 'Triton takes %73 as three characters, though its own clients write names so. Here a name is decoded once, as in any URL.',
  },
  {
    id: 'encoding-case',
    title: 'A Content-Encoding in capitals',
    why: 'The names of encodings do not mind their case (RFC 9110).',
  },
  {
    id: 'error-type',
    title: 'The Content-Type of errors',
    why: "Both send JSON. Triton calls it text/plain where the fault lies in the request's path or tensors.",
    covers: ({ status, field, peer }) => status >= 400 && field === 'content-type' && peer === 'text/plain',
  },
  {
    id: 'error-words',
    title: 'The words of errors',
    why: 'The status is the same, the sentence is not. Where clients look for words of Triton, fairlead has them too. Sentences may change; go by the status.',
    covers: ({ field, peer, fairlead }) =>
      /(?:^|: )error(?:_message)?$/.test(field) && peer !== undefined && fairlead !== undefined,
  },
];
