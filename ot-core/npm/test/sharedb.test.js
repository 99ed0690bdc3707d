'use strict';

// ShareDB's own server and clients over real sockets, with the package's types in place of the JavaScript ones.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { test } = require('node:test');

const WebSocketJSONStream = require('@teamwork/websocket-json-stream');
const ShareDB = require('sharedb');
const { WebSocketServer } = require('ws');

const { textUnicode, richText, json1 } = require('ot-core');
const { connect, create, editAtRandom, quiet, reached } = require('./session.js');

for (const type of [textUnicode, richText, json1]) ShareDB.types.register(type);

async function serve(work) {
  const backend = new ShareDB({ presence: true, doNotForwardSendPresenceErrorsToClient: true });
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => backend.listen(new WebSocketJSONStream(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work(server.address().port, backend);
  } finally {
    for (const socket of sockets.clients) socket.terminate();
    await new Promise((done) => server.close(done));
    await new Promise((done) => backend.close(done));
  }
}

const CLIENTS = 4;
const EDITS = 60;

for (const type of [textUnicode, richText, json1]) {
  test(`clients that edit one ${type.name} document at once end alike`, async () => {
    assert.strictEqual(ShareDB.types.map[type.uri], type);
    await serve(async (port) => {
      const documents = await Promise.all(Array.from({ length: CLIENTS }, () => connect(port, type.name)));
      await create(documents[0], type.name);
      await quiet(documents);
      await Promise.all(documents.map((document, index) => editAtRandom(document, type.name, index + 1, EDITS)));
      await quiet(documents);
      for (const document of documents) assert.deepStrictEqual(document.data, documents[0].data);
      const late = await connect(port, type.name);
      assert.deepStrictEqual(late.data, documents[0].data);
      assert.strictEqual(late.version, documents[0].version);
      assert.ok(late.version > CLIENTS * 5, `only ${late.version} ops`);
    });
  });

  test(`clients with the JavaScript ${type.name} and with ours end alike`, async () => {
    await serve(async (port) => {
      const document = await connect(port, type.name);
      await create(document, type.name);
      const peers = [11, 12].map((seed) => new Peer(port, type.name, seed));
      for (const peer of peers) assert.strictEqual(await peer.line(), 'ready');
      for (const peer of peers) peer.tell('edit');
      await editAtRandom(document, type.name, 13, EDITS);
      for (const peer of peers) assert.strictEqual(await peer.line(), 'done');
      await quiet([document]);
      await reached(document, await upToDate(port, type.name));
      const expected = JSON.stringify({ version: document.version, data: document.data });
      for (const peer of peers) peer.tell(String(document.version));
      for (const peer of peers) assert.deepStrictEqual(JSON.parse(await peer.line()), JSON.parse(expected));
    });
  });
}

test('presence moves with the text', async () => {
  await serve(async (port) => {
    const [anna, boris] = await Promise.all([connect(port, 'text-unicode'), connect(port, 'text-unicode')]);
    await create(anna, 'text-unicode', 'hello');
    await quiet([anna, boris]);
    const theirs = boris.connection.getDocPresence('documents', 'text-unicode');
    await new Promise((done, failed) => theirs.subscribe((error) => (error ? failed(error) : done())));
    const own = anna.connection.getDocPresence('documents', 'text-unicode').create('anna');
    const received = once(theirs, 'receive');
    await new Promise((done, failed) => own.submit({ index: 5, length: 0 }, (error) => (error ? failed(error) : done())));
    assert.deepStrictEqual(await received, ['anna', { index: 5, length: 0 }]);
    const moved = once(theirs, 'receive');
    boris.submitOp(['Oh, ']);
    assert.deepStrictEqual(await moved, ['anna', { index: 9, length: 0 }]);
    await quiet([anna, boris]);
  });
});

/** The version of a client that comes late. */
async function upToDate(port, name) {
  const document = await connect(port, name);
  document.connection.close();
  return document.version;
}

/** A client with the JavaScript types, in a process of its own. */
class Peer {
  constructor(port, name, seed) {
    const script = path.join(__dirname, 'peer.js');
    this.child = spawn(process.execPath, [script, port, name, seed, EDITS].map(String), {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  tell(line) {
    this.child.stdin.write(`${line}\n`);
  }

  async line() {
    return (await this.lines.next()).value;
  }
}
