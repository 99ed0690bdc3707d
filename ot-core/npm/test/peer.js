'use strict';

// A client with the JavaScript types, in a process of its own: ShareDB knows one type of a name in each.
// Its arguments are the port, the type, a seed and how many edits to make; it edits when told to, and prints what it
// ends with when it is given the last version.

const { createInterface } = require('node:readline');

const { types } = require('sharedb/lib/client');
const { connect, editAtRandom, quiet, reached } = require('./session.js');

for (const name of ['ot-text-unicode', 'rich-text', 'ot-json1']) types.register(require(name).type);
types.register({ ...require('ot-json1').type, transform: require('ot-json1').type.transformNoConflict });

async function main([port, name, seed, edits]) {
  const document = await connect(port, name);
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  process.stdout.write('ready\n');
  await lines.next();
  await editAtRandom(document, name, Number(seed), Number(edits));
  await quiet([document]);
  process.stdout.write('done\n');
  const last = Number((await lines.next()).value);
  await reached(document, last);
  process.stdout.write(`${JSON.stringify({ version: document.version, data: document.data })}\n`);
  document.connection.close();
  lines.return();
  process.stdin.destroy();
}

main(process.argv.slice(2));
