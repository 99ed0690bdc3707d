'use strict';

const { setTimeout: sleep } = require('node:timers/promises');

const { Connection } = require('sharedb/lib/client');
const { WebSocket } = require('ws');

const { Random, textOp, richOp, jsonOp } = require('./random.js');

const FIRST = {
  'text-unicode': 'It was a dark night. 💃',
  'rich-text': [{ insert: 'It was a ' }, { insert: 'dark', attributes: { bold: true } }, { insert: ' night. 💃\n' }],
  json1: { title: 'Plan', list: [1, 2, { deep: ['a', 'b'] }], amount: 7 },
};

const EDIT = {
  'text-unicode': (random, { data }) => require('ot-text-unicode').type.normalize(textOp(random, data)),
  'rich-text': (random, { data }) => richOp(random, data),
  json1: (random, { data }) => jsonOp(random, data, true),
};

const called = (work) => new Promise((done, failed) => work((error) => (error ? failed(error) : done())));

/** The document of this name, subscribed to over a socket of its own. */
async function connect(port, name) {
  const document = new Connection(new WebSocket(`ws://127.0.0.1:${port}`)).get('documents', name);
  await called((done) => document.subscribe(done));
  return document;
}

function create(document, name, first = FIRST[name]) {
  return called((done) => document.create(first, name, done));
}

/**
 * Submits edits at random, faster than they are acknowledged. ShareDB makes one op of all that wait, so on a quick
 * machine few would be sent; now and then the client waits for the server, whatever time that takes.
 */
async function editAtRandom(document, name, seed, edits) {
  const random = new Random(seed);
  for (let count = 0; count < edits; count += 1) {
    const op = EDIT[name](random, document);
    if (op !== null) document.submitOp(op, (error) => { if (error) throw error; });
    switch (random.below(6)) {
      case 0: await sleep(random.below(4)); break;
      case 1: await acknowledged(document); break;
      default:
    }
  }
}

/** Waits until the server has taken everything that was submitted. */
function acknowledged(document) {
  return new Promise((done) => document.whenNothingPending(done));
}

/** Waits until everything is sent, and everyone has the newest version. */
async function quiet(documents) {
  await Promise.all(documents.map(acknowledged));
  const newest = () => Math.max(...documents.map((document) => document.version));
  for (let rounds = 0; documents.some((document) => document.version !== newest()); rounds += 1) {
    if (rounds > 1000) throw new Error(`versions ${documents.map((document) => document.version)}`);
    await sleep(5);
  }
}

/** Waits until the document has this version. */
async function reached(document, version) {
  while (document.version < version) await sleep(5);
}

module.exports = { connect, create, editAtRandom, quiet, reached };
