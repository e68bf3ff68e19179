/** That no field is passed over, shown for every field that the table of a configuration has. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { usualSettings } from '../../models/settings.ts';
import { writeText } from '../../protobuf/fixtures/text-writer.ts';
import { ModelConfig } from '../../protobuf/model-config.ts';
import { planOf } from '../../protobuf/plan.ts';
import { fieldsOf, type NamedField } from '../../protobuf/proto-file.ts';
import type { Content, MessageType, Single } from '../../protobuf/schema.ts';
import type { Note } from '../note.ts';
import { readConfig } from './config.ts';

const facts = { name: 'digits', usual: usualSettings };

type Held = Record<string, unknown>;

/** A field that holds no message with fields of its own, and the way to it. */
interface Leaf {
  readonly way: readonly NamedField[];
  readonly path: string;
}

function leavesOf(type: MessageType, way: readonly NamedField[] = []): readonly Leaf[] {
  return fieldsOf(type.fields).flatMap(field => {
    const within = [...way, field];
    const of = messageIn(field.content);
    if (of !== undefined && Object.keys(of.fields).length > 0) return leavesOf(of, within);
    return [{ way: within, path: within.map(pathPart).join('.') }];
  });
}

function messageIn(content: Content): MessageType | undefined {
  if (typeof content === 'string' || content.kind === 'enum') return undefined;
  if (content.kind === 'message') return content;
  return messageIn(content.kind === 'map' ? content.value : content.of);
}

/** The first of a list, or the entry that `holding` makes. */
function pathPart({ name, content }: NamedField): string {
  if (typeof content === 'string') return name;
  if (content.kind === 'map') return content.key === 'string' ? `${name}["k"]` : `${name}[2]`;
  return content.kind === 'repeated' && messageIn(content) !== undefined ? `${name}[0]` : name;
}

/** A value that is not the field's initial one, nor the least that counts. */
function valueOf(content: Single): fc.Arbitrary<unknown> {
  if (content === 'string') return fc.constantFrom('k', 'other', '5', 'tensorrt', 'x.onnx');
  if (content === 'bool') return fc.constant(true);
  if (content === 'float' || content === 'double') return fc.double({ min: 2, max: 100, noNaN: true });
  if (content === 'int64' || content === 'uint64') return fc.bigInt(3n, 4_000_000n);
  if (content === 'int32' || content === 'uint32') return fc.integer({ min: 3, max: 4_000_000 });
  if (content === 'bytes') return fc.constant(Buffer.from('k'));
  if (content.kind === 'message') return fc.constant({});
  const others = Object.values(content.values).filter(value => value !== 0);
  return fc.constantFrom(...(others.length > 0 ? others : [7]));
}

function contentOf(leaf: Leaf): Single {
  const content = leaf.way.at(-1)?.content ?? 'bool';
  if (typeof content === 'string') return content;
  if (content.kind === 'repeated') return content.of;
  return content.kind === 'map' ? content.value : content;
}

/** What the field may hold: of a list also what a field holds that is not there, since there it says something. */
function heldIn(leaf: Leaf): fc.Arbitrary<unknown> {
  const last = leaf.way.at(-1)?.content;
  const content = contentOf(leaf);
  if (typeof last !== 'object' || last.kind !== 'repeated') return valueOf(content);
  return fc.oneof(valueOf(content), fc.constant(initialOf(content))).map(value => [value]);
}

function initialOf(content: Single): unknown {
  if (content === 'string') return '';
  if (content === 'bool') return false;
  return content === 'int64' || content === 'uint64' ? 0n : 0;
}

/** The message with the field at the end of the way, in what it has already. */
function holding(message: Held, [field, ...way]: readonly NamedField[], value: unknown): Held {
  if (field === undefined) return message;
  const { name, content, oneof } = field;
  const inner = (before: unknown): unknown =>
    way.length === 0 ? value : holding((before ?? {}) as Held, way, value);
  if (oneof !== undefined) return { ...message, [oneof]: choice(message[oneof], name, inner) };
  if (typeof content === 'object' && content.kind === 'map') {
    const key = content.key === 'string' ? 'k' : 2n;
    const before = message[name] as ReadonlyMap<unknown, unknown> | undefined;
    return { ...message, [name]: new Map([...(before ?? []), [key, inner(before?.get(key))]]) };
  }
  if (typeof content === 'object' && content.kind === 'repeated') {
    const [first, ...rest] = (message[name] ?? []) as unknown[];
    return { ...message, [name]: [inner(first), ...rest] };
  }
  return { ...message, [name]: inner(message[name]) };
}

function choice(before: unknown, name: string, inner: (before: unknown) => unknown): unknown {
  const held = before as { readonly case: string; readonly value: unknown } | undefined;
  return { case: name, value: inner(held?.case === name ? held.value : undefined) };
}

/** The message with initial values where it has none. */
function filled(type: MessageType, message: Held): Held {
  const whole: Held = { ...planOf(type).create() };
  for (const { name, content, oneof } of fieldsOf(type.fields)) {
    const of = messageIn(content);
    const fill = (one: unknown): unknown => (of === undefined ? one : filled(of, one as Held));
    const held = message[oneof ?? name];
    if (held === undefined) continue;
    if (oneof !== undefined) {
      const one = held as { case: string; value: unknown };
      if (one.case === name) whole[oneof] = { case: name, value: fill(one.value) };
    } else if (held instanceof Map) whole[name] = new Map(Array.from(held, ([key, one]) => [key, fill(one)]));
    else whole[name] = Array.isArray(held) ? held.map(fill) : fill(held);
  }
  return whole;
}

const dynamic = (value: Held): Held => ({
  max_batch_size: 2,
  scheduling_choice: { case: 'dynamic_batching', value },
});

/** What the field may stand in. */
const surroundings: readonly Held[] = [
  {},
  { max_batch_size: 2 },
  dynamic({}),
  dynamic({ priority_levels: 2n, default_priority_level: 2n }),
  dynamic({
    priority_levels: 2n,
    default_priority_level: 2n,
    priority_queue_policy: new Map([[2n, { max_queue_size: 2 }]]),
    default_queue_policy: { max_queue_size: 2 },
  }),
  dynamic({
    priority_levels: 2n,
    default_priority_level: 1n,
    default_queue_policy: { default_timeout_microseconds: 2n },
  }),
  { scheduling_choice: { case: 'dynamic_batching', value: {} } },
  { instance_group: [{ kind: 1, count: 2 }, { kind: 2 }] },
  { instance_group: [{ kind: 2 }, { kind: 1, rate_limiter: { priority: 2 } }] },
  { instance_group: [{ kind: 2 }, {}] },
  { instance_group: [{}, {}] },
  {
    instance_group: [{ kind: 1 }],
    optimization: {
      execution_accelerators: {
        gpu_execution_accelerator: [{ name: 'cuda' }],
        cpu_execution_accelerator: [{ name: 'openvino' }],
      },
    },
  },
  { input: [{ name: 'x', data_type: 1, dims: [2n] }], output: [{ name: 'y', dims: [2n] }] },
  {
    model_warmup: [
      {
        batch_size: 1,
        inputs: new Map([
          ['k', { data_type: 1, dims: [2n], input_data_type: { case: 'zero_data', value: true } }],
        ]),
      },
    ],
  },
  { model_warmup: [{ name: 'none' }] },
];

function textOf(message: Held): string {
  return writeText(ModelConfig, filled(ModelConfig, message));
}

function outcome(message: Held): { readonly result: unknown; readonly notes: readonly Note[] } | 'refused' {
  const config = readConfig(textOf(message), facts);
  if (!config.ok) return 'refused';
  const { notes, origins: _, ...result } = config.value;
  return { result, notes };
}

const leaves = leavesOf(ModelConfig);

test('the table of a configuration has the fields that are tried', () => {
  assert.ok(leaves.length > 120, String(leaves.length));
});

for (const leaf of leaves)
  test(`${leaf.path} changes the result, is noted, or is refused`, () => {
    fc.assert(
      fc.property(heldIn(leaf), fc.constantFrom(...surroundings), (value, around) => {
        const before = outcome(around);
        assert.notEqual(before, 'refused', 'the surroundings alone are refused');
        const changed = holding(around, leaf.way, value);
        fc.pre(textOf(changed) !== textOf(around));
        const after = outcome(changed);
        if (after === 'refused' || before === 'refused') return;
        if (JSON.stringify(after.result) !== JSON.stringify(before.result)) return;
        const noted = after.notes.some(
          ({ field }) => leaf.path === field || leaf.path.startsWith(`${field}.`),
        );
        assert.ok(noted, `no trace of ${leaf.path} ${String(value)}`);
      }),
    );
  });

test('any configuration is read or refused with reasons', () => {
  const texts = fc.array(
    fc.constantFrom(...leaves).chain(leaf => heldIn(leaf).map(value => ({ leaf, value }))),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(texts, chosen => {
      let message: Held = {};
      for (const { leaf, value } of chosen) message = holding(message, leaf.way, value);
      const config = readConfig(textOf(message), facts);
      if (!config.ok) assert.ok(config.error.length > 0);
    }),
  );
});
