'use strict';

// Ops of json1 as trees: what is done at a place, and below. What leaves stands at its place in the document before, what
// comes and what is edited at its place in the document after.

/** The tree of an op: `{ does, below }`, with `below` a map by key. */
function treeOf(op) {
  const root = { does: {}, below: new Map() };
  const read = (list, from) => {
    let node = from;
    for (const part of list) {
      if (Array.isArray(part)) read(part, node);
      else if (typeof part === 'object') Object.assign(node.does, part);
      else {
        if (!node.below.has(part)) node.below.set(part, { does: {}, below: new Map() });
        node = node.below.get(part);
      }
    }
  };
  read(op || [], root);
  return root;
}

/** The op of a tree; `change` gives what each place does now. */
function opOf(tree, change = (does) => does) {
  const write = ({ does, below }, path) => {
    const changed = change(does, path);
    const list = Object.keys(changed).length > 0 ? [changed] : [];
    for (const [key, node] of below) {
      const branch = write(node, [...path, key]);
      if (branch.length > 0) list.push([key, ...branch]);
    }
    return list;
  };
  const op = write(tree, []);
  return op.length > 0 ? op : null;
}

const only = (does, names) => Object.fromEntries(Object.entries(does).filter(([name]) => names.includes(name)));

const MOVING = ['r', 'p', 'i', 'd'];
const EDITS = ['es', 'ena', 'e', 'et'];

/** Writes into a tree what it removes from `value`, without what leaves that before. Returns what stays. */
function fillRemoves({ does, below }, value) {
  let rest = value;
  if (value !== null && typeof value === 'object') {
    rest = Array.isArray(value) ? value.slice() : { ...value };
    const leaving = [];
    for (const [key, node] of below) {
      if (!Object.hasOwn(value, key)) continue;
      rest[key] = fillRemoves(node, value[key]);
      if (node.does.r !== undefined || node.does.p !== undefined) leaving.push(key);
    }
    if (Array.isArray(rest)) rest = rest.filter((_, index) => !leaving.includes(index));
    else for (const key of leaving) delete rest[key];
  }
  if (does.r !== undefined) does.r = rest;
  return rest;
}

/** `makeInvertible` and `invert` of json1, made of what the types can do. */
function invertible(json1, textUnicode, failure) {
  const at = (document, path) => path.reduce((value, key) => value[key], document);

  const undone = (does) => {
    if (does.es) return { es: textUnicode.invert(does.es) };
    if (does.ena !== undefined) return { ena: -does.ena };
    if (does.e) throw failure('op_malformed', 'the op', 'an edit of rich text takes the document to invert: invertWithDoc');
    return {};
  };

  const movedBack = ({ r, p, i, d }) => {
    const back = {};
    if (r !== undefined) back.i = r;
    if (i !== undefined) back.r = true;
    if (p !== undefined) back.d = p;
    if (d !== undefined) back.p = d;
    return back;
  };

  return {
    makeInvertible(op, document) {
      const tree = treeOf(json1.normalize(op));
      const moved = json1.apply(document, opOf(tree, (does) => only(does, MOVING)));
      fillRemoves(tree, document);
      return opOf(tree, (does, path) =>
        does.es ? { ...does, es: textUnicode.makeInvertible(does.es, at(moved, path)) } : does,
      );
    },

    // The edits stand at places after the moves, so they are taken back first.
    invert(op) {
      const tree = treeOf(op);
      return json1.compose(opOf(tree, (does) => undone(only(does, EDITS))), opOf(tree, movedBack));
    },
  };
}
