'use strict';

// The package's types beside the JavaScript ones, on the same random documents and ops.

const assert = require('node:assert');
const { test } = require('node:test');

const { textUnicode, richText, json1 } = require('ot-core');
const Delta = require('quill-delta');
const javascript = {
  text: require('ot-text-unicode').type,
  rich: require('rich-text').type,
  json: require('ot-json1').type,
};
const { Random, text, textOp, richDocument, richOp, jsonDocument, jsonOp, paths } = require('./random.js');

const CASES = Number(process.env.OT_CASES || 1000);

function eachCase(work) {
  for (let seed = 1; seed <= CASES; seed += 1) {
    try {
      work(new Random(seed));
    } catch (error) {
      error.message = `seed ${seed}: ${error.message}`;
      throw error;
    }
  }
}

test('plain text does as ot-text-unicode does', () => {
  const theirs = javascript.text;
  eachCase((random) => {
    const document = text(random);
    const [a, b] = [0, 1].map(() => theirs.normalize(textOp(random, document)));
    const after = theirs.apply(document, a);
    const then = theirs.normalize(textOp(random, after));
    assert.strictEqual(textUnicode.apply(document, a), after);
    assert.deepStrictEqual(textUnicode.compose(a, then), theirs.compose(a, then));
    for (const side of ['left', 'right']) {
      assert.deepStrictEqual(textUnicode.transform(a, b, side), theirs.transform(a, b, side));
    }
    const invertible = textUnicode.makeInvertible(a, document);
    assert.deepStrictEqual(invertible, theirs.makeInvertible(a, document));
    assert.deepStrictEqual(textUnicode.invert(invertible), theirs.invert(invertible));
    assert.deepStrictEqual(textUnicode.stripInvertible(invertible), a);
    assert.strictEqual(textUnicode.apply(after, textUnicode.invertWithDoc(a, document)), document);
    const cursor = random.below(Array.from(document).length + 1);
    assert.strictEqual(textUnicode.transformPosition(cursor, a), theirs.transformPosition(cursor, a));
  });
});

test('rich text does as rich-text and quill-delta do', () => {
  const theirs = javascript.rich;
  const plain = ({ ops }) => ({ ops });
  eachCase((random) => {
    const document = richDocument(random);
    const [a, b] = [0, 1].map(() => richOp(random, document));
    const after = plain(theirs.apply(document, a));
    const then = richOp(random, after);
    assert.deepStrictEqual(richText.apply(document, a), after);
    assert.deepStrictEqual(richText.compose(a, then), plain(theirs.compose(a, then)));
    for (const side of ['left', 'right']) {
      assert.deepStrictEqual(richText.transform(a, b, side), plain(theirs.transform(a, b, side)));
    }
    const inverse = richText.invertWithDoc(a, document);
    assert.deepStrictEqual(inverse, plain(new Delta(a.ops).invert(new Delta(document.ops))));
    assert.deepStrictEqual(richText.apply(after, inverse), document);
    assert.deepStrictEqual(richText.apply(document, richText.diff(document, after)), after);
    const range = { index: random.below(12), length: random.below(5), author: 'Anna' };
    for (const own of [true, false]) {
      assert.deepStrictEqual(richText.transformPresence(range, a, own), theirs.transformPresence(range, a, own));
    }
  });
});

test('JSON does as ot-json1 does', () => {
  const theirs = javascript.json;
  eachCase((random) => {
    const document = jsonDocument(random);
    const [a, b] = [0, 1].map(() => jsonOp(random, document, true));
    const [afterA, afterB] = [a, b].map((op) => theirs.apply(document, op));
    assert.deepStrictEqual(json1.apply(document, a), afterA);
    assert.deepStrictEqual(json1.apply(afterA, json1.invertWithDoc(a, document)), document);
    const invertible = json1.makeInvertible(a, document);
    assert.deepStrictEqual(theirs.apply(afterA, theirs.invert(invertible)), document);
    assert.deepStrictEqual(json1.apply(afterA, json1.invert(theirs.makeInvertible(a, document))), document);
    assert.deepStrictEqual(json1.apply(afterA, json1.invert(invertible)), document);
    for (const path of paths(document)) {
      assert.deepStrictEqual(json1.transformPosition(path, a), theirs.transformPosition(path, a));
    }
    for (const side of ['left', 'right']) {
      const expected = theirs.tryTransform(a, b, side);
      const found = json1.tryTransform(a, b, side);
      assert.strictEqual(found.ok, expected.ok);
      if (found.ok) assert.deepStrictEqual(found.result, json1.normalize(expected.result));
      // Of several conflicts each library may find another one first.
      else assert.ok([1, 2, 3].includes(found.conflict.type));
      const strict = json1.typeAllowingConflictsPred(() => false);
      if (found.ok) assert.deepStrictEqual(strict.transform(a, b, side), found.result);
      else assert.throws(() => strict.transform(a, b, side), { code: 'op_conflict', conflict: found.conflict });
    }
    const lenient = json1.typeAllowingConflictsPred(() => true);
    assert.deepStrictEqual(lenient.transform(a, b, 'left'), json1.transform(a, b, 'left'));
    const merged = theirs.apply(afterB, theirs.transformNoConflict(a, b, 'left'));
    assert.deepStrictEqual(json1.apply(afterB, json1.transform(a, b, 'left')), merged);
    assert.deepStrictEqual(json1.apply(afterA, json1.transform(b, a, 'right')), merged);
    const then = jsonOp(random, afterA, true);
    assert.deepStrictEqual(json1.apply(document, json1.compose(a, then)), theirs.apply(afterA, then));
  });
});
