/** Calls over gRPC beside inference: the server, its models, streams, statistics, the repository. */
import { fixtures } from '../fixtures.ts';
import { type Case, calls, type Group, rpc } from './case.ts';
import { TIMES } from './management.ts';
import { tensor, withBytes, withContents } from './rpc-infer.ts';

const INVALID = 'INVALID_ARGUMENT';

const server: readonly Case[] = [
  calls('OK', 'gRPC: live', rpc('ServerLive', {})),
  calls('OK', 'gRPC: ready', rpc('ServerReady', {})),
  calls('OK', 'gRPC: the server', rpc('ServerMetadata', {}), 'identity'),
  calls('OK', 'gRPC: a model is ready', rpc('ModelReady', { name: 'simple' })),
  calls('OK', 'gRPC: a version is ready', rpc('ModelReady', { name: 'simple', version: '1' })),
  calls('OK', 'gRPC: an unknown model is ready', rpc('ModelReady', { name: 'nope' }), 'mlserver-ready'),
  calls(
    'OK',
    'gRPC: an unknown version is ready',
    rpc('ModelReady', { name: 'simple', version: '99' }),
    'mlserver-ready',
  ),
  ...fixtures.map(({ name }) => calls('OK', `gRPC: metadata of ${name}`, rpc('ModelMetadata', { name }))),
  calls('OK', 'gRPC: metadata of a version', rpc('ModelMetadata', { name: 'simple', version: '1' })),
  calls('NOT_FOUND', 'gRPC: metadata of an unknown model', rpc('ModelMetadata', { name: 'nope' })),
  calls(
    'NOT_FOUND',
    'gRPC: metadata of an unknown version',
    rpc('ModelMetadata', { name: 'simple', version: '99' }),
  ),
  calls('UNIMPLEMENTED', 'gRPC: a method that is none', rpc('Nothing', {})),
  calls('UNIMPLEMENTED', 'gRPC: a service that is none', { path: '/no.Such/Thing', messages: [{}] }),
  calls('OK', 'gRPC: ready, in gzip', { ...rpc('ServerReady', {}), gzip: true }),
];

const one = { ...withBytes, id: '1' };
const wrong = { ...withContents, id: '2', inputs: [tensor('INPUT0', 'INT32', [1, 16])] };
const three = { ...withContents, id: '3' };

const streams: readonly Case[] = [
  calls('OK', 'gRPC: a stream of good, bad, good', rpc('ModelStreamInfer', one, wrong, three)),
  calls(
    'OK',
    'gRPC: a stream of two models',
    rpc('ModelStreamInfer', one, {
      id: '2',
      model_name: 'zero_uint8',
      inputs: [tensor('INPUT0', 'UINT8', [1, 1])],
      raw_input_contents: [Buffer.from([7])],
    }),
  ),
  calls('OK', 'gRPC: a stream of nothing', rpc('ModelStreamInfer')),
  calls('OK', 'gRPC: a stream to an unknown model', rpc('ModelStreamInfer', { ...one, model_name: 'nope' })),
  calls('OK', 'gRPC: a stream in gzip', { ...rpc('ModelStreamInfer', one, three), gzip: true }),
  calls(
    INVALID,
    'gRPC: a stream that fails with the first fault',
    { ...rpc('ModelStreamInfer', one, wrong), metadata: { triton_grpc_error: 'true' } },
    'stream-status',
  ),
  calls(
    'OK',
    'gRPC: a stream that asks for the last answer to be marked',
    rpc('ModelStreamInfer', {
      ...one,
      parameters: { triton_enable_empty_final_response: { bool_param: true } },
    }),
  ),
];

const timed = (asked: Case): Case => ({ ...asked, varies: TIMES });

const control: readonly Case[] = [
  timed(
    calls('OK', 'gRPC: statistics of a model', rpc('ModelStatistics', { name: 'counted' }), 'failed-count'),
  ),
  timed(
    calls(
      'OK',
      'gRPC: statistics of a model that was loaded anew',
      rpc('ModelStatistics', { name: 'come_and_go' }),
      'loaded-anew',
    ),
  ),
  calls(
    'NOT_FOUND',
    'gRPC: statistics of an unknown model',
    rpc('ModelStatistics', { name: 'nope' }),
    'unknown-ready',
  ),
  calls('OK', 'gRPC: configuration of a model', rpc('ModelConfig', { name: 'simple' })),
  calls('OK', 'gRPC: configuration of a model without a batch', rpc('ModelConfig', { name: 'pairs' })),
  calls('NOT_FOUND', 'gRPC: configuration of an unknown model', rpc('ModelConfig', { name: 'nope' })),
];

const M = { model_name: 'come_and_go' };
const row = rpc('ModelInfer', {
  ...M,
  inputs: [tensor('INPUT0', 'INT32', [1, 2])],
  raw_input_contents: [Buffer.alloc(8)],
});

const repository: readonly Case[] = [
  calls('OK', 'gRPC: the index', rpc('RepositoryIndex', {})),
  calls('OK', 'gRPC: the index of what is ready', rpc('RepositoryIndex', { ready: true })),
  calls('OK', 'gRPC: unload a model', rpc('RepositoryModelUnload', M)),
  calls('NOT_FOUND', 'gRPC: infer with an unloaded model', row),
  calls('OK', 'gRPC: an unloaded model is ready', rpc('ModelReady', { name: M.model_name })),
  calls('OK', 'gRPC: the server is ready beside an unloaded model', rpc('ServerReady', {}), 'ready-beside'),
  calls('OK', 'gRPC: load it', rpc('RepositoryModelLoad', M)),
  calls('OK', 'gRPC: infer with a model loaded again', row),
  calls(
    INVALID,
    'gRPC: load with an unknown parameter',
    rpc('RepositoryModelLoad', { ...M, parameters: { nope: { int64_param: 1 } } }),
  ),
  calls(INVALID, 'gRPC: load an unknown model', rpc('RepositoryModelLoad', { model_name: 'nope' })),
  calls(
    'NOT_FOUND',
    'gRPC: unload an unknown model',
    rpc('RepositoryModelUnload', { model_name: 'nope' }),
    'unload-unknown',
  ),
];

const absent: readonly Case[] = [
  calls('UNIMPLEMENTED', 'gRPC: shared memory, its status', rpc('SystemSharedMemoryStatus', {}), 'absent'),
  calls('UNIMPLEMENTED', 'gRPC: CUDA shared memory, its status', rpc('CudaSharedMemoryStatus', {}), 'absent'),
  calls('UNIMPLEMENTED', 'gRPC: trace settings', rpc('TraceSetting', {}), 'absent'),
  calls('UNIMPLEMENTED', 'gRPC: log settings', rpc('LogSettings', {}), 'absent'),
];

export const rpcServerGroup: Group = { title: 'gRPC: server and models', cases: server };

export const rpcControlGroups: readonly Group[] = [
  { title: 'gRPC: streams', cases: streams },
  { title: 'gRPC: statistics and configuration', cases: control },
  { title: 'gRPC: repository', cases: repository },
  { title: 'gRPC: extensions that fairlead has not', cases: absent },
];
