import assert from 'node:assert/strict';
import test from 'node:test';
import { decode } from './codec.ts';
import { descriptorOf } from './descriptor.ts';
import { healthFile } from './health.ts';
import { modelConfigFile } from './model-config.ts';
import { inferenceFile } from './oip.ts';
import { protoFile, symbolsOf, withImports } from './proto-file.ts';
import { protoText } from './proto-text.ts';
import { enumeration, map, message, oneof, repeated } from './schema.ts';
import { duplex, serverStream, service, unary } from './service.ts';

const Colour = enumeration('shop.Paint.Colour', { RED: 0, BLUE: 3 });
const Paint = message('shop.Paint', {
  colour: [1, Colour],
  price: oneof({ euros: [2, 'double'], free: [3, 'bool'] }),
});
const Empty = message('shop.Empty', {});
const Stock = message('shop.store.Stock', {
  paints: [1, repeated(Paint)],
  by_name: [2, map('string', Paint)],
});

const paintFile = protoFile('paint.proto', { package: 'shop', roots: [Paint, Empty] });
const stockFile = protoFile('stock.proto', {
  package: 'shop.store',
  imports: [paintFile],
  services: [
    service('shop.store.Store', {
      Count: unary(Empty, Stock),
      Watch: serverStream(Empty, Stock),
      Swap: duplex(Stock, Stock),
    }),
  ],
});

test('a file declares what its services and roots lead to, and not what it imports', () => {
  assert.deepEqual(paintFile.types, [Paint, Colour, Empty]);
  assert.deepEqual(stockFile.types, [Stock]);
});

test('files come behind what they import, each once', () => {
  assert.deepEqual(withImports([stockFile, paintFile]), [paintFile, stockFile]);
  assert.deepEqual(withImports([inferenceFile, healthFile]), [modelConfigFile, inferenceFile, healthFile]);
});

test('symbols are services, methods, messages and enums, with their package', () => {
  const methods = ['Count', 'Watch', 'Swap'].map(method => `shop.store.Store.${method}`);
  assert.deepEqual(symbolsOf(stockFile), ['shop.store.Store', ...methods, 'shop.store.Stock']);
  assert.deepEqual(symbolsOf(paintFile), ['shop.Paint', 'shop.Paint.Colour', 'shop.Empty']);
});

test('the text of a file reads as one that a person wrote', () => {
  assert.equal(
    protoText(paintFile),
    `syntax = "proto3";

package shop;

message Paint {
  enum Colour {
    RED = 0;
    BLUE = 3;
  }
  Colour colour = 1;
  oneof price {
    double euros = 2;
    bool free = 3;
  }
}

message Empty {}
`,
  );
  assert.equal(
    protoText(stockFile),
    `syntax = "proto3";

package shop.store;

import "paint.proto";

service Store {
  rpc Count(shop.Empty) returns (Stock);
  rpc Watch(shop.Empty) returns (stream Stock);
  rpc Swap(stream Stock) returns (stream Stock);
}

message Stock {
  repeated shop.Paint paints = 1;
  map<string, shop.Paint> by_name = 2;
}
`,
  );
});

/** What protobufjs makes nothing of: the numbers are those of google/protobuf/descriptor.proto. */
const Options = message('test.MessageOptions', { map_entry: [7, 'bool'] });
const Nested = message('test.DescriptorProto', { name: [1, 'string'], options: [7, Options] });
const Outer = message('test.DescriptorProto', { nested_type: [3, repeated(Nested)] });
const File = message('test.FileDescriptorProto', { message_type: [4, repeated(Outer)] });

test('a descriptor has a map as a list of messages that say they are its entries', () => {
  assert.deepEqual(decode(File, descriptorOf(stockFile)), {
    message_type: [{ nested_type: [{ name: 'ByNameEntry', options: { map_entry: true } }] }],
  });
});
