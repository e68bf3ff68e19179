/** Every gRPC method of the server, with the types of its messages and without a server. */
import { Directory } from '../../src/server/models/directory.ts';
import { Health } from '../../src/server/protobuf/health.ts';
import { GRPCInferenceService, inferenceFile } from '../../src/server/protobuf/oip.ts';
import { ServerReflection, ServerReflectionV1alpha } from '../../src/server/protobuf/reflection.ts';
import type { Method, Service } from '../../src/server/protobuf/service.ts';
import { ModelService, PredictionService } from '../../src/server/protobuf/tensorflow-serving.ts';
import { fakeRepository } from '../../src/server/protocols/fixtures/v2-options.ts';
import { healthService } from '../../src/server/protocols/health.ts';
import { reflectionServices } from '../../src/server/protocols/reflection.ts';
import type { RpcMethod } from '../../src/server/protocols/rpc.ts';
import { modelService, predictionService } from '../../src/server/protocols/tfserving/rpc.ts';
import type { V2Options } from '../../src/server/protocols/v2/routes.ts';
import { inferenceService } from '../../src/server/protocols/v2/rpc.ts';
import { Readiness } from '../../src/server/readiness.ts';
import { type FuzzModel, models } from './models.ts';

export const v2Options: V2Options = {
  identity: { name: 'fuzz', version: '0' },
  repository: fakeRepository({ index: [{ name: 'fp32', version: '1', state: 'READY', reason: '' }] }),
};

/** All models, ready. */
export const directory = new Directory<FuzzModel>(models, [{ name: 'fp32', version: '1', label: 'stable' }]);
for (const model of models) directory.serve(model);

const tables: readonly Service[] = [
  GRPCInferenceService,
  PredictionService,
  ModelService,
  Health,
  ServerReflection,
  ServerReflectionV1alpha,
];

const services = [
  inferenceService(v2Options),
  predictionService,
  modelService,
  healthService({ services: ['a'], draining: () => false, readiness: new Readiness() }),
  ...reflectionServices([inferenceFile]),
];

export interface FuzzMethod {
  readonly path: string;
  readonly types: Method;
  readonly method: RpcMethod;
}

export const methods: ReadonlyMap<string, FuzzMethod> = new Map(
  services.flatMap(({ name, methods: all }) =>
    Object.entries(all).map(([word, method]) => {
      const types = tables.find(table => table.name === name)?.methods[word];
      if (types === undefined) throw new Error(`no table has the method ${name}/${word}`);
      const path = `/${name}/${word}`;
      return [path, { path, types, method }] as const;
    }),
  ),
);
