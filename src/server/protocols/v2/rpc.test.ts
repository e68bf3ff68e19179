/** What streams of the inference service say beside the answers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { failure } from '#base';
import { decode, encodePieces } from '../../protobuf/codec.ts';
import { ModelInferResponse, ModelStreamInferResponse } from '../../protobuf/oip-infer.ts';
import { fakeRepository } from '../fixtures/v2-options.ts';
import type { Pieces } from '../rpc.ts';
import { inferenceService } from './rpc.ts';

const service = inferenceService({
  identity: { name: 'test', version: '0' },
  repository: fakeRepository(),
});
const stream = service.methods['ModelStreamInfer'];
assert(stream?.kind === 'predictions');
const told = (pieces: Pieces) => decode(ModelStreamInferResponse, Buffer.concat(pieces));

for (const bytes of [0, 100, 10_000, 100_000])
  test(`a stream's answer of ${bytes} bytes says that it is the last to its request, as clients of Triton expect`, () => {
    const raw = Buffer.alloc(bytes, 7);
    const { infer_response: answer } = told(
      stream.answered(
        encodePieces(ModelInferResponse, { model_name: 'm', id: '3', raw_output_contents: [raw] }),
      ),
    );
    assert.deepEqual(
      [...(answer?.parameters ?? [])],
      [['triton_final_response', { parameter_choice: { case: 'bool_param', value: true } }]],
    );
    assert.equal(answer?.id, '3');
    assert.deepEqual(answer?.raw_output_contents, [raw]);
  });

test('a refused message is told with its words and its id', () => {
  const { error_message, infer_response } = told(
    stream.refused(failure('overloaded', { limit: '1' }), undefined),
  );
  assert.notEqual(error_message, '');
  assert.equal(infer_response?.id, '');
});
