'use strict';

// What a user of the package gets, made of the functions in WebAssembly. `cargo xtask npm` puts `json.js` before it, and
// an export behind it: one for `require` and one for `import`.

/** The types and the client, over an instance of the WebAssembly. */
function bind(wasm) {
  const { KindName } = wasm;
  const { Text, Rich, Json } = KindName;

  // A string with a lone surrogate has no UTF-8: the border would replace it without a word.
  const isWellFormed = (text) => (text.isWellFormed ? text.isWellFormed() : !/\p{Surrogate}/u.test(text));

  function checkedText(text, what) {
    if (typeof text !== 'string') throw failure('op_wrong_kind', what, 'a text is a string');
    if (!isWellFormed(text)) throw failure('op_malformed', what, 'a string holds a lone surrogate');
    return text;
  }

  function failure(code, place, hint) {
    return Object.assign(new Error(`${code} at ${place}: ${hint}`), { code, place, hint });
  }

  function write(value) {
    let text;
    try {
      text = JSON.stringify(value);
    } catch (error) {
      if (error instanceof RangeError) throw failure('op_too_large', 'the call', 'too many levels deep');
      throw failure('op_malformed', 'the call', 'not JSON: it goes in circles, or holds a bigint');
    }
    return text === undefined ? 'null' : text;
  }

  const read = JSON.parse;

  function isLeft(side) {
    if (side !== 'left' && side !== 'right') throw failure('op_malformed', 'the call', "a side is 'left' or 'right'");
    return side === 'left';
  }

  function count(number, what) {
    if (!Number.isSafeInteger(number) || number < 0) throw failure('op_malformed', what, 'not a whole number');
    return number;
  }

  // What the three types have in common.
  function common(kind) {
    const op = (text) => read(text);
    return {
      compose: (first, second) => op(wasm.compose(kind, write(first), write(second))),
      transform: (change, other, side) => op(wasm.transform(kind, write(change), write(other), isLeft(side))),
      normalize: (change) => op(wasm.normalize(kind, write(change))),
      checkOp: (change) => void wasm.normalize(kind, write(change)),
    };
  }

  const moved = (kind, cursor, op, isOwnOp) =>
    read(wasm.transformCursor(kind, write(cursor), write(op), Boolean(isOwnOp)));

  // A range as rich-text has it: `index` and `length`, and whatever else the application keeps with them.
  function movedRange(kind, range, op, isOwnOp) {
    if (!range) return null;
    const start = moved(kind, count(range.index, 'the index'), op, isOwnOp);
    const end = moved(kind, range.index + count(range.length || 0, 'the length'), op, isOwnOp);
    return { ...range, index: start, length: end - start };
  }

  // The place in a string behind `units` code points from `start`, and an error past its end.
  function skip(text, start, units) {
    let place = start;
    for (let left = units; left > 0; left -= 1) {
      if (place >= text.length) throw failure('op_out_of_range', `position ${place}`, 'the op reaches past the end');
      place += text.codePointAt(place) > 0xffff ? 2 : 1;
    }
    return place;
  }

  const isCounted = (part) => typeof part === 'object' && typeof part.d === 'number';

  const textUnicode = {
    name: 'text-unicode',
    uri: 'http://sharejs.org/types/text-unicode',
    ...common(Text),

    create(initial = '') {
      return checkedText(initial, 'the document');
    },

    apply: (text, op) => wasm.apply(Text, checkedText(text, 'the document'), write(op)),

    isNoop: (op) => op.length === 0,

    /** Writes what is deleted into the op. */
    makeInvertible(op, text) {
      let place = 0;
      return op.map((part) => {
        if (typeof part === 'string') return part;
        const start = place;
        if (typeof part === 'number') place = skip(text, start, part);
        else place = isCounted(part) ? skip(text, start, part.d) : start + part.d.length;
        return typeof part === 'number' ? part : { d: text.slice(start, place) };
      });
    },

    isInvertible: (op) => !op.some(isCounted),

    /** Takes back an op that says what it deletes. */
    invert(op) {
      const inverse = op.map((part) => {
        if (isCounted(part)) throw failure('op_malformed', 'the op', 'it does not say what it deletes: makeInvertible');
        if (typeof part === 'number') return part;
        return typeof part === 'string' ? { d: part } : part.d;
      });
      return inverse;
    },

    invertWithDoc: (op, text) => read(wasm.invert(Text, write(op), checkedText(text, 'the document'))),

    stripInvertible: (op) => read(wasm.normalize(Text, write(op))),

    transformPosition: (cursor, op) => moved(Text, count(cursor, 'the position'), op, false),

    transformSelection: (selection, op) =>
      typeof selection === 'number'
        ? textUnicode.transformPosition(selection, op)
        : selection.map((place) => textUnicode.transformPosition(place, op)),

    transformPresence: (range, op, isOwnOp) => movedRange(Text, range, op, isOwnOp),
  };

  const ops = (delta) => (Array.isArray(delta) ? delta : (delta && delta.ops) || []);

  const richText = {
    name: 'rich-text',
    uri: 'http://sharejs.org/types/rich-text/v1',
    ...common(Rich),

    create: (initial) => richText.apply(ops(initial), []),

    apply: (delta, op) => read(wasm.apply(Rich, write(delta), write(op))),

    // The sides of rich-text are the other way round: on the left, the other op's insert stands first.
    transform: (op, other, side) => read(wasm.transform(Rich, write(op), write(other), !isLeft(side))),

    /** The op that leads from one document to another. */
    diff: (before, after) => read(wasm.diffRich(write(before), write(after))),

    invertWithDoc: (op, delta) => read(wasm.invert(Rich, write(op), write(delta))),

    isNoop: (op) => richText.normalize(op).ops.length === 0,

    transformPosition: (index, op, isOwnOp) => moved(Rich, count(index, 'the position'), op, isOwnOp),

    transformCursor: (index, op, isOwnOp) => richText.transformPosition(index, op, isOwnOp),

    transformPresence: (range, op, isOwnOp) => movedRange(Rich, range, op, isOwnOp),

    serialize: ops,

    deserialize: (list) => ({ ops: ops(list) }),
  };

  // A place in JSON crosses the border as the offset inside a string and the path.
  const movedPlace = (path, offset, op, isOwnOp) => {
    const [newOffset, ...newPath] = moved(Json, [offset, ...path], op, isOwnOp);
    return { path: newPath, offset: newOffset };
  };

  // A presence that is now at this place, as it crosses the border.
  function withPlace({ offset: _, ...presence }, [offset, ...path]) {
    return offset === null ? { ...presence, path } : { ...presence, path, offset };
  }

  const json1 = {
    name: 'json1',
    uri: 'http://sharejs.org/types/JSONv1',
    ...common(Json),

    create: (initial) => initial,

    apply: (json, op) => read(wasm.apply(Json, write(json), write(op))),

    isNoop: (op) => op === null || op === undefined,

    checkValidOp: (op) => void wasm.normalize(Json, write(op)),

    invertWithDoc: (op, json) => read(wasm.invert(Json, write(op), write(json))),

    /** `{ok: true, result}`, or the conflict that keeps both ops from lasting: `{ok: false, conflict}`. */
    tryTransform: (op, other, side) => read(wasm.tryTransform(write(op), write(other), isLeft(side))),

    /** Resolves every conflict, as `transform` does. */
    transformNoConflict: (op, other, side) => json1.transform(op, other, side),

    /** The type, with a `transform` that throws on conflicts which `isAllowed` is not true for. */
    typeAllowingConflictsPred: (isAllowed) => ({
      ...json1,
      transform(op, other, side) {
        const allow = (text) => isAllowed(read(text));
        const { ok, result, conflict } = read(wasm.tryTransform(write(op), write(other), isLeft(side), allow));
        if (ok) return result;
        throw Object.assign(failure('op_conflict', 'the op', 'it excludes the other op'), { conflict });
      },
    }),

    /** Where the value at `path` is after `op`; `null` if it is gone. Inside a string, the path ends in the offset. */
    transformPosition(path, op) {
      const last = path.at(-1);
      if (typeof last === 'number') {
        const place = movedPlace(path.slice(0, -1), last, op, false);
        if (place.offset !== last && place.offset !== null) return [...place.path, place.offset];
      }
      const place = wasm.transformPath(write([null, ...path]), write(op));
      return place === undefined ? null : read(place).slice(1);
    },

    /** Strings and rich texts are edited as they are; other types are not known. */
    registerSubtype(subtype) {
      const { name } = subtype.type || subtype;
      if (!['text-unicode', 'rich-text', 'number'].includes(name)) {
        throw failure('op_wrong_kind', 'the call', `json1 edits text-unicode, rich-text and number, but not ${name}`);
      }
    },

    RM_UNEXPECTED_CONTENT: 1,
    DROP_COLLISION: 2,
    BLACKHOLE: 3,

    transformPresence(presence, op, isOwnOp) {
      if (!presence) return null;
      const place = [presence.offset ?? null, ...(presence.path || [])];
      return withPlace(presence, moved(Json, place, op, isOwnOp));
    },
  };

  Object.assign(json1, invertible(json1, textUnicode, failure));

  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

  /** The client's end of a session with the server of the `ot-core` crate. */
  class Client {
    #kind;
    #id;
    #client;

    constructor(type, { id, document, revision = 0 }) {
      const kind = new Map([['text-unicode', Text], ['rich-text', Rich], ['json1', Json]]).get(type && type.name);
      if (kind === undefined) throw failure('op_wrong_kind', 'the call', 'a type is textUnicode, richText or json1');
      if (!UUID.test(id)) throw failure('op_malformed', 'the call', 'the id of a client is a UUID');
      this.#kind = kind;
      this.#id = id.toLowerCase();
      this.#client = new wasm.JsClient(kind, this.#written(document), revision);
    }

    #written(document) {
      return this.#kind === Text ? checkedText(document, 'the document') : write(document);
    }

    /** The document with all local edits. */
    get document() {
      const document = this.#client.document();
      return this.#kind === Text ? document : read(document);
    }

    /** The newest revision received. */
    get revision() {
      return this.#client.revision();
    }

    /** Whether everything that was edited here is committed. */
    get isSynchronized() {
      return this.#client.isSynchronized();
    }

    /** Applies a local edit; returns the submission to send now, or `null`. */
    edit(op) {
      return this.#submission(this.#client.edit(write(op)));
    }

    /** Takes in `{revision, client, sequence, op}` from the server. */
    receive({ revision, client, sequence, op }) {
      const own = String(client).toLowerCase() === this.#id;
      return this.#received(this.#client.receive(revision, own, sequence, write(op)));
    }

    /** Takes in the server's word that the submission `sequence` became `revision`. */
    acknowledge(sequence, revision) {
      return this.#received(this.#client.acknowledge(sequence, revision));
    }

    /**
     * Takes in the server's word that it refuses the submission `sequence`. Edits made after it stay, and wait for
     * `flush`, if `keep` is true. Returns what was `applied` to the document here, and the edits that are `lost`.
     */
    refused(sequence, { keep = false } = {}) {
      return read(this.#client.refused(sequence, keep));
    }

    /** Submits the edits that wait; `null` if there are none, or something is awaited. */
    flush() {
      return this.#submission(this.#client.flush());
    }

    /** Where somebody else's presence in the document at revision `base` stands here; `null` if that can't be told. */
    place(presence, base) {
      const passed = (cursor) => {
        const place = this.#client.place(write(cursor), base);
        return place === undefined ? null : read(place);
      };
      if (this.#kind === Json) {
        const place = passed([presence.offset ?? null, ...presence.path]);
        return place && withPlace(presence, place);
      }
      const [start, end] = [presence.index, presence.index + (presence.length || 0)].map(passed);
      return start === null ? null : { ...presence, index: start, length: end - start };
    }

    /** The awaited submission once more, or `null`. */
    resend() {
      return this.#submission(this.#client.resend());
    }

    /** Starts again from the server's document; returns whether edits were dropped. */
    reset(document, revision, last = 0) {
      return this.#client.reset(this.#written(document), revision, last);
    }

    /** Gives the memory back before the garbage collector would. */
    free() {
      this.#client.free();
    }

    #submission(text) {
      return text === undefined ? null : { client: this.#id, ...read(text) };
    }

    #received(text) {
      const received = read(text);
      if (received.next) received.next = { client: this.#id, ...received.next };
      return received;
    }
  }

  return { textUnicode, richText, json1, Client };
}
