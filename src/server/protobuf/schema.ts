/**
 * Protocol Buffers' message types as tables, from which the codec, the descriptors and TypeScript's types all come:
 *
 *     const Point = message('shapes.Point', { label: [1, 'string'], at: [2, repeated('double')] });
 *     decode(Point, bytes).at;  // Float64Array
 *
 * A field is its number and what it holds. Only proto3 is meant; sint, fixed and group types are left out, since no
 * protocol here has one. Language: protobuf.dev/programming-guides/proto3.
 */

/** What a field of each scalar type holds. 64-bit integers are exact; bytes are a view of the message they came in. */
interface ScalarValues {
  readonly double: number;
  readonly float: number;
  readonly int32: number;
  readonly uint32: number;
  readonly int64: bigint;
  readonly uint64: bigint;
  readonly bool: boolean;
  readonly string: string;
  readonly bytes: Buffer;
}

/** What repeated numbers are read into; booleans are 0 or 1. */
interface ArrayValues {
  readonly double: Float64Array<ArrayBuffer>;
  readonly float: Float32Array<ArrayBuffer>;
  readonly int32: Int32Array<ArrayBuffer>;
  readonly uint32: Uint32Array<ArrayBuffer>;
  readonly int64: BigInt64Array<ArrayBuffer>;
  readonly uint64: BigUint64Array<ArrayBuffer>;
  readonly bool: Uint8Array<ArrayBuffer>;
}

export type Scalar = keyof ScalarValues;
export type NumberScalar = keyof ArrayValues;
export type NumberArray = ArrayValues[NumberScalar];
export type MapKey = 'string' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool';

/** An enum's value is a number, which may be one that the table does not name (proto3's enums are open). */
export interface EnumType<V extends Readonly<Record<string, number>> = Readonly<Record<string, number>>> {
  readonly kind: 'enum';
  /** With its package. */
  readonly name: string;
  readonly values: V;
}

export interface MessageType<F extends Fields = Fields> {
  readonly kind: 'message';
  /** With its package, and the message it is nested in: `inference.ModelInferRequest.InferInputTensor`. */
  readonly name: string;
  readonly fields: F;
}

export interface Repeated<T extends Single = Single> {
  readonly kind: 'repeated';
  readonly of: T;
}

export interface MapOf<K extends MapKey = MapKey, V extends Single = Single> {
  readonly kind: 'map';
  readonly key: K;
  readonly value: V;
}

/** At most one of the members is there; the oneof itself is the property: `{case: 'bool_param', value: true}`. */
export interface Oneof<M extends Members = Members> {
  readonly kind: 'oneof';
  readonly members: M;
}

export type Single = Scalar | EnumType | MessageType;
export type Content = Single | Repeated | MapOf;
export type Field = readonly [number: number, content: Content];
export type Members = Readonly<Record<string, readonly [number: number, content: Single]>>;
export type Fields = Readonly<Record<string, Field | Oneof>>;

export function message<const F extends Fields>(name: string, fields: F): MessageType<F> {
  return { kind: 'message', name, fields };
}

export function enumeration<const V extends Readonly<Record<string, number>>>(
  name: string,
  values: V,
): EnumType<V> {
  return { kind: 'enum', name, values };
}

export function repeated<const T extends Single>(of: T): Repeated<T> {
  return { kind: 'repeated', of };
}

export function map<const K extends MapKey, const V extends Single>(key: K, value: V): MapOf<K, V> {
  return { kind: 'map', key, value };
}

export function oneof<const M extends Members>(members: M): Oneof<M> {
  return { kind: 'oneof', members };
}

/** A message as `decode` gives it: every field is there, with proto3's defaults, and messages may be undefined. */
export type Decoded<T extends MessageType> = {
  readonly [K in keyof T['fields']]: DecodedField<T['fields'][K]>;
};

type DecodedField<F> =
  F extends Oneof<infer M>
    ? DecodedChoice<M> | undefined
    : F extends readonly [number, infer C]
      ? DecodedContent<C>
      : never;

type DecodedContent<C> =
  C extends Repeated<infer T>
    ? T extends NumberScalar
      ? ArrayValues[T]
      : readonly DecodedSingle<T>[]
    : C extends MapOf<infer K, infer V>
      ? ReadonlyMap<ScalarValues[K], DecodedSingle<V>>
      : C extends MessageType
        ? Decoded<C> | undefined
        : DecodedSingle<C>;

type DecodedSingle<C> = C extends Scalar
  ? ScalarValues[C]
  : C extends EnumType
    ? number
    : C extends MessageType
      ? Decoded<C>
      : never;

type DecodedChoice<M extends Members> = {
  readonly [K in keyof M]: { readonly case: K; readonly value: DecodedSingle<M[K][1]> };
}[keyof M];

/** A message as `encode` takes it: any field may be left out. What `decode` gives is one. */
export type Encodable<T extends MessageType> = {
  readonly [K in keyof T['fields']]?: EncodableField<T['fields'][K]> | undefined;
};

type EncodableField<F> =
  F extends Oneof<infer M>
    ? EncodableChoice<M>
    : F extends readonly [number, infer C]
      ? EncodableContent<C>
      : never;

type EncodableContent<C> =
  C extends Repeated<infer T>
    ? T extends 'bool'
      ? Uint8Array
      : T extends NumberScalar
        ? ArrayLike<ScalarValues[T]>
        : readonly EncodableSingle<T>[]
    : C extends MapOf<infer K, infer V>
      ? ReadonlyMap<ScalarValues[K], EncodableSingle<V>>
      : EncodableSingle<C>;

type EncodableSingle<C> = C extends 'bytes'
  ? Uint8Array
  : C extends MessageType
    ? Encodable<C>
    : DecodedSingle<C>;

type EncodableChoice<M extends Members> = {
  readonly [K in keyof M]: { readonly case: K; readonly value: EncodableSingle<M[K][1]> };
}[keyof M];
