/** The codec of protobuf, with every message type there is. What it decodes, it encodes and decodes again to the same. */
import assert from 'node:assert/strict';
import { decode, encode, encodePieces } from '../../../src/server/protobuf/codec.ts';
import { healthFile } from '../../../src/server/protobuf/health.ts';
import { inferenceFile } from '../../../src/server/protobuf/oip.ts';
import { withImports } from '../../../src/server/protobuf/proto-file.ts';
import { reflectionFiles } from '../../../src/server/protobuf/reflection.ts';
import type { MessageType } from '../../../src/server/protobuf/schema.ts';
import { modelServiceFile, predictionServiceFile } from '../../../src/server/protobuf/tensorflow-serving.ts';
import { type Border, refusal } from '../border.ts';
import { messageOf } from '../make/wire.ts';
import { mutateMessage } from '../make/wire-tree.ts';
import { mutate } from '../mutate.ts';

const files = withImports([
  inferenceFile,
  predictionServiceFile,
  modelServiceFile,
  healthFile,
  ...reflectionFiles,
]);

const types: ReadonlyMap<string, MessageType> = new Map(
  files.flatMap(file => file.types).flatMap(type => (type.kind === 'message' ? [[type.name, type]] : [])),
);

export const protobuf: Border = {
  name: 'protobuf',
  make(random) {
    const type = random.pick([...types.values()]);
    return { head: type.name, body: messageOf(type, random) };
  },
  change(known, other, random) {
    const head = random.chance(0.05) ? random.pick([...types.keys()]) : known.head;
    const body = random.chance(0.6)
      ? mutateMessage(known.body, other.body, random)
      : mutate(known.body, random, { tokens: [other.body], other: other.body });
    return { head, body };
  },
  take({ head, body }) {
    const type = types.get(head);
    assert(type !== undefined, `there is no message '${head}'`);
    try {
      const value = decode(type, body);
      const written = encode(type, value);
      assert(Buffer.concat(encodePieces(type, value)).equals(written), 'its pieces are other bytes');
      const again = encode(type, decode(type, written));
      assert(again.equals(written), 'it does not come back as it was written');
      return `${head} ${written.length === 0 ? 'empty' : 'of something'}`;
    } catch (error: unknown) {
      return `${head} ${refusal(error)}`;
    }
  },
};
