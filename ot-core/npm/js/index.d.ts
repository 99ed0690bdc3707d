/** What is thrown: a stable code, the place, and a hint for people. */
export interface OtError extends Error {
  /** `op_malformed`, `op_out_of_range`, `op_missing`, `op_occupied`, `op_wrong_kind`, `op_too_large`, `client_…` */
  code: string;
  place: string;
  hint: string;
}

/** Which of two concurrent ops wins a tie. */
export type Side = 'left' | 'right';

/** What every type can do. All functions throw {@link OtError} and change none of their arguments. */
export interface OtType<Document, Op> {
  readonly name: string;
  readonly uri: string;
  create(initial?: unknown): Document;
  apply(document: Document, op: Op): Document;
  /** One op that does what `first` and then `second` do. */
  compose(first: Op, second: Op): Op;
  /** `op` behind `other`, which was made at the same moment. */
  transform(op: Op, other: Op, side: Side): Op;
  /** The op that takes `op` back, given the document before it. */
  invertWithDoc(op: Op, before: Document): Op;
  normalize(op: Op): Op;
  /** Throws when `op` is no op. */
  checkOp(op: Op): void;
  isNoop(op: Op): boolean;
}

/** Code points to keep, text to insert, code points (or the very text) to delete. */
export type TextOp = (number | string | { d: number | string })[];

/** A selection: places `index` to `index + length`. Other properties are kept. */
export interface Range {
  index: number;
  length?: number;
  [property: string]: unknown;
}

/** In place of `ot-text-unicode`. Positions count Unicode code points. */
export interface TextUnicode extends OtType<string, TextOp> {
  create(initial?: string): string;
  /** Writes what is deleted into the op. */
  makeInvertible(op: TextOp, document: string): TextOp;
  isInvertible(op: TextOp): boolean;
  /** Takes back an op that says what it deletes. */
  invert(op: TextOp): TextOp;
  /** Drops what an op says about what it deletes, as `compose` and `transform` do. */
  stripInvertible(op: TextOp): TextOp;
  transformPosition(position: number, op: TextOp): number;
  transformSelection(selection: number | [number, number], op: TextOp): number | [number, number];
  transformPresence(range: Range | null, op: TextOp, isOwnOp?: boolean): Range | null;
}

/** One step of a Delta, with lengths in UTF-16 units. */
export type DeltaRun =
  | { insert: unknown; attributes?: Record<string, unknown> }
  | { retain: number; attributes?: Record<string, unknown> }
  | { delete: number };

export interface Delta {
  ops: DeltaRun[];
}

/** In place of `rich-text`, whose sides it keeps: on the left, the other op's insert stands first. */
export interface RichText extends OtType<Delta, Delta | DeltaRun[]> {
  create(initial?: Delta | DeltaRun[]): Delta;
  compose(first: Delta | DeltaRun[], second: Delta | DeltaRun[]): Delta;
  transform(op: Delta | DeltaRun[], other: Delta | DeltaRun[], side: Side): Delta;
  invertWithDoc(op: Delta | DeltaRun[], before: Delta): Delta;
  /** The op that leads from one document to another; not always the shortest one. */
  diff(before: Delta, after: Delta): Delta;
  transformPosition(index: number, op: Delta | DeltaRun[], isOwnOp?: boolean): number;
  transformCursor(index: number, op: Delta | DeltaRun[], isOwnOp?: boolean): number;
  transformPresence(range: Range | null, op: Delta | DeltaRun[], isOwnOp?: boolean): Range | null;
  serialize(document: Delta): DeltaRun[];
  deserialize(ops: DeltaRun[] | Delta): Delta;
}

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type Path = (string | number)[];
/** An op as the specification of json1 has it; `null` changes nothing. */
export type JsonOp = null | unknown[];

/** A place in a document, and inside a string the code points before it. Other properties are kept. */
export interface JsonPresence {
  path: Path;
  offset?: number;
  [property: string]: unknown;
}

/** Why two ops can't both last: what each of them does about it. */
export interface Conflict {
  /** `RM_UNEXPECTED_CONTENT`, `DROP_COLLISION` or `BLACKHOLE`. */
  type: 1 | 2 | 3;
  op1: JsonOp;
  op2: JsonOp;
}

/** In place of `ot-json1`. */
export interface Json1 extends OtType<JsonValue, JsonOp> {
  readonly RM_UNEXPECTED_CONTENT: 1;
  readonly DROP_COLLISION: 2;
  readonly BLACKHOLE: 3;
  create(initial?: JsonValue): JsonValue;
  /** Throws when `op` is no op. */
  checkValidOp(op: JsonOp): void;
  /** `op` behind `other`, or the conflict between them. */
  tryTransform(
    op: JsonOp,
    other: JsonOp,
    side: Side,
  ): { ok: true; result: JsonOp } | { ok: false; conflict: Conflict };
  /** Resolves every conflict, as `transform` does. */
  transformNoConflict(op: JsonOp, other: JsonOp, side: Side): JsonOp;
  /** The type, with a `transform` that throws on conflicts which `isAllowed` is not true for. */
  typeAllowingConflictsPred(isAllowed: (conflict: Conflict) => boolean): Json1;
  /** Writes what is removed or deleted into the op. */
  makeInvertible(op: JsonOp, document: JsonValue): JsonOp;
  /** Takes back an op that says what it removes. */
  invert(op: JsonOp): JsonOp;
  /** Where the value at `path` is after `op`; `null` if it is gone. Inside a string, the path ends in the offset. */
  transformPosition(path: Path, op: JsonOp): Path | null;
  /** Accepts the types that are built in: text-unicode, rich-text and number. */
  registerSubtype(subtype: { name?: string; type?: { name: string } }): void;
  transformPresence(presence: JsonPresence | null, op: JsonOp, isOwnOp?: boolean): JsonPresence | null;
}

export const textUnicode: TextUnicode;
export const richText: RichText;
export const json1: Json1;

/** An op on its way to the server. */
export interface Submission<Op> {
  client: string;
  sequence: number;
  base: number;
  op: Op;
}

/** An op in its place in the history. */
export interface Committed<Op> {
  revision: number;
  client: string;
  sequence: number;
  op: Op;
}

/** What a message from the server changed. */
export type Received<Op> =
  | { applied: Op }
  | { acknowledged: true; next?: Submission<Op> }
  | { alreadyKnown: true };

/** The client's end of a session with the server of the `ot-core` crate. */
export class Client<Document = unknown, Op = unknown> {
  constructor(
    type: OtType<Document, Op>,
    options: {
      /** A UUID, chosen at random, once for each tab or program. */
      id: string;
      document: Document;
      revision?: number;
    },
  );
  /** The document with all local edits. */
  readonly document: Document;
  /** The newest revision received. */
  readonly revision: number;
  /** Whether everything that was edited here is committed. */
  readonly isSynchronized: boolean;
  /** Applies a local edit; returns the submission to send now, or `null`. */
  edit(op: Op): Submission<Op> | null;
  /** Takes in an op that the server committed; the client's own count as their acknowledgement. */
  receive(committed: Committed<Op>): Received<Op>;
  /** Takes in the server's word that the submission `sequence` became `revision`. */
  acknowledge(sequence: number, revision: number): Received<Op>;
  /**
   * Takes in the server's word that it refuses the submission `sequence`, and takes it back here. Edits made after it
   * stay, and wait for `flush`, if `keep` is true. Returns what was applied to the document here, and what is gone.
   */
  refused(sequence: number, options?: { keep?: boolean }): { applied: Op; lost: Op };
  /** Submits the edits that wait; `null` if there are none, or something is awaited. */
  flush(): Submission<Op> | null;
  /** Where somebody else's presence in the document at revision `base` stands here; `null` if that can't be told. */
  place<Presence extends Range | JsonPresence>(presence: Presence, base: number): Presence | null;
  /** The awaited submission once more, or `null`. */
  resend(): Submission<Op> | null;
  /** Starts again from the server's document; returns whether edits were dropped. */
  reset(document: Document, revision: number, last?: number): boolean;
  /** Gives the memory back before the garbage collector would. */
  free(): void;
}
