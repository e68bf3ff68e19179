import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './parse.ts';

const served = { model: { uri: './m.onnx' } };

function read(grpc: unknown) {
  const traffic = { gatewayApi: { gateway: { name: 'door' }, grpc } };
  const file = { kind: 'ModelService', metadata: { name: 'digits' }, spec: { ...served, traffic } };
  return parse(JSON.stringify(file));
}

for (const grpc of [true, false, { hosts: ['g.example'] }, { section: 'grpc' }])
  test(`gRPC by Gateway API may be ${JSON.stringify(grpc)}`, () => {
    const found = read(grpc);
    assert.deepEqual(found.ok && found.value.spec.traffic?.gatewayApi?.grpc, grpc);
  });

for (const grpc of [{}, 'yes', { port: 8500 }])
  test(`gRPC by Gateway API may not be ${JSON.stringify(grpc)}`, () => {
    const found = read(grpc);
    const [issue] = found.ok ? [] : found.error;
    assert.match(issue?.path ?? '', /^spec\.traffic\.gatewayApi\.grpc/);
    assert.match(issue?.problem ?? '', /hosts or section/);
  });
