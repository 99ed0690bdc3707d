'use strict';

const Delta = require('quill-delta');
const { insertOp, moveOp, removeOp, replaceOp, editOp, type: json1 } = require('ot-json1');

/** Numbers from a seed (mulberry32): the same on every machine. */
class Random {
  constructor(seed) {
    this.state = seed;
  }

  below(limit) {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick(options) {
    return options[this.below(options.length)];
  }
}

const WORDS = ['a', 'bc', 'é', '\n', 'wörd', '\uffff', '💃', 'x💃y'];

function text(random, most = 6) {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(WORDS)).join('');
}

/** An op on a text, in canonical form. */
function textOp(random, document) {
  let left = Array.from(document).length;
  const op = [];
  const take = (most) => {
    const count = random.below(Math.min(most, left) + 1);
    left -= count;
    return count;
  };
  for (let rounds = 1 + random.below(3); rounds > 0; rounds -= 1) {
    op.push(take(6));
    if (random.below(2)) op.push(random.pick(WORDS));
    else op.push({ d: take(left > 60 ? 20 : 4) });
  }
  return op;
}

const FORMATS = {
  bold: [true, null],
  color: ['red', 'blue', null],
  link: [{ href: 'x' }, ['l'], null],
  size: [1, 2.5, null],
};
const EMBEDS = [1, { image: 'cat.png' }, { formula: { a: [1, null] } }, [2], true];

function format(random, nulls) {
  const chosen = {};
  for (const [name, values] of Object.entries(FORMATS)) {
    const value = random.pick(values);
    if (!random.below(3) && (nulls || value !== null)) chosen[name] = value;
  }
  return Object.keys(chosen).length > 0 ? chosen : undefined;
}

function richDocument(random) {
  const document = new Delta();
  for (let rounds = random.below(7); rounds > 0; rounds -= 1) {
    document.insert(random.below(4) ? random.pick(WORDS) : random.pick(EMBEDS), format(random, false));
  }
  return { ops: document.ops };
}

/** An op on a rich text that cuts no surrogate pair. */
function richOp(random, { ops }) {
  const lengths = ops.flatMap(({ insert }) => (typeof insert === 'string' ? Array.from(insert, (c) => c.length) : [1]));
  const take = (most) => lengths.splice(0, random.below(Math.min(most, lengths.length) + 1)).reduce((a, b) => a + b, 0);
  const op = new Delta();
  for (let rounds = 1 + random.below(4); rounds > 0; rounds -= 1) {
    op.retain(take(5));
    switch (random.below(6)) {
      case 0: op.insert(random.pick(WORDS)); break;
      case 1: op.insert(random.pick(WORDS), format(random, false)); break;
      case 2: op.insert(random.pick(EMBEDS), format(random, false)); break;
      case 3: op.retain(take(4), format(random, true)); break;
      default: op.delete(take(lengths.length > 60 ? 20 : 4));
    }
  }
  return { ops: op.chop().ops };
}

const KEYS = ['a', 'b', '', 'ключ', '\uffff', '💃'];

function json(random, depth = 3) {
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0: return random.below(3);
    case 1: return null;
    case 2: return random.pick([true, 0.5, -0.1, 94930.25]);
    case 3: case 4: return text(random, 3);
    case 5: case 6: return Array.from({ length: random.below(4) }, () => json(random, depth - 1));
    default: return Object.fromEntries(Array.from({ length: random.below(4) }, () => [random.pick(KEYS), json(random, depth - 1)]));
  }
}

/** The paths of all values below the root. */
function paths(value, path = []) {
  if (value === null || typeof value !== 'object') return [];
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value);
  return keys.flatMap((key) => [[...path, key], ...paths(value[key], [...path, key])]);
}

const at = (document, path) => path.reduce((value, key) => value[key], document);

/** The path of a place where something may be inserted. */
function vacancy(random, document) {
  const containers = [[], ...paths(document)].filter((path) => typeof at(document, path) === 'object' && at(document, path) !== null);
  if (containers.length === 0) return null;
  const path = random.pick(containers);
  const container = at(document, path);
  if (Array.isArray(container)) return [...path, random.below(container.length + 1)];
  const key = random.pick(KEYS);
  return Object.hasOwn(container, key) ? null : [...path, key];
}

function oneJsonOp(random, document, moves) {
  const places = paths(document);
  const free = vacancy(random, document);
  if (places.length === 0 || random.below(4) === 0) return free && insertOp(free, json(random, 1));
  const path = random.pick(places);
  const value = at(document, path);
  switch (random.below(moves ? 5 : 3)) {
    case 0: return removeOp(path, true);
    case 1: return replaceOp(path, true, json(random, 1));
    case 2:
      if (typeof value === 'string') return editOp(path, 'text-unicode', canonical(textOp(random, value)));
      return Number.isInteger(value) ? editOp(path, 'number', random.pick([-2, -1, 1, 3])) : null;
    default: {
      const rest = json1.apply(document, removeOp(path, true));
      const to = vacancy(random, rest);
      return to && moveOp(path, to);
    }
  }
}

const canonical = (op) => require('ot-text-unicode').type.normalize(op);

/** An op on a JSON document, of a few small ones. */
function jsonOp(random, document, moves) {
  let op = null;
  let after = document;
  for (let rounds = 1 + random.below(3); rounds > 0; rounds -= 1) {
    const next = oneJsonOp(random, after, moves);
    if (next) {
      after = json1.apply(after, next);
      op = json1.compose(op, next);
    }
  }
  return op;
}

/** A document of a list or an object, so that there is a root to edit in. */
function jsonDocument(random) {
  for (;;) {
    const document = json(random);
    if (document !== null && typeof document === 'object') return document;
  }
}

module.exports = { Random, text, textOp, richDocument, richOp, jsonDocument, jsonOp, paths };
