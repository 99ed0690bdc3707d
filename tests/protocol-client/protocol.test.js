'use strict';

// docs/PROTOCOL.md is enough to write a client in another language.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, test } = require('node:test');
const { Client, get, signIn } = require('./client.js');

const PASSWORD = 'the demo of the tests';

let folder;
let server;
let origin;
let documents;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'coval-'));
  const database = join(folder, 'coval.sqlite');
  const flags = ['--demo', '--demo-password', PASSWORD, '--port', '0', '--log', 'warn', '--database-url', database];
  server = spawn(process.env.COVAL, ['serve', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  origin = await new Promise((resolve, reject) => {
    let said = '';
    server.stdout.on('data', (data) => {
      said += data;
      const found = said.match(/Coval is at (http:\S+)/);
      if (found) resolve(found[1].replace(/\/$/, ''));
    });
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const ada = await signIn(origin, 'ada@example.com', PASSWORD);
  documents = (await get(ada, '/api/documents')).items;
});

after(() => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function open(name) {
  const person = await signIn(origin, `${name}@example.com`, PASSWORD);
  const client = new Client(person, documents[0].id);
  await client.connect();
  return client;
}

test('an edit is acknowledged to its author and reaches the other', async () => {
  const [ada, grace] = [await open('ada'), await open('grace')];
  assert.strictEqual(ada.welcome.name, 'Ada');
  assert.strictEqual(grace.role, 'editor');
  ada.set('note', 'from Ada');
  await ada.until(() => ada.isSaved);
  await grace.until(() => grace.value.note === 'from Ada');
  grace.set('note', 'from Grace');
  await ada.until(() => ada.value.note === 'from Grace');
  assert.deepStrictEqual(ada.value, grace.value);
  await ada.until(() => [...ada.people.values()].some((person) => person.name === 'Grace'));
  ada.close();
  grace.close();
});

test('after a cut a client gets what it missed and sends what it could not, once', async () => {
  const [ada, grace] = [await open('ada'), await open('grace')];
  ada.cut();
  ada.set('mine', 1);
  grace.set('theirs', 2);
  await grace.until(() => grace.isSaved);
  const revision = grace.revision;
  await ada.connect();
  await ada.until(() => ada.isSaved && ada.value.theirs === 2);
  await grace.until(() => grace.value.mine === 1);
  assert.strictEqual(ada.revision, revision + 1);

  // The answer to an edit is lost with the connection: sent again, it counts once.
  ada.set('mine', 3);
  ada.cut();
  await ada.connect();
  await ada.until(() => ada.isSaved);
  await grace.until(() => grace.value.mine === 3);
  assert.strictEqual(grace.revision, revision + 2);
  assert.deepStrictEqual(ada.value, grace.value);
  ada.close();
  grace.close();
});

const ROUNDS = 20;

test('both set one field at once and end with the same value', async () => {
  const [ada, grace] = [await open('ada'), await open('grace')];
  const last = grace.revision + 2 * ROUNDS;
  for (let round = 0; round < ROUNDS; round += 1) {
    ada.set('contested', `Ada ${round}`);
    grace.set('contested', `Grace ${round}`);
  }
  for (const writer of [ada, grace]) {
    await writer.until(() => writer.isSaved && writer.revision === last);
  }
  assert.deepStrictEqual(ada.value, grace.value);
  ada.close();
  grace.close();
});

test('whoever may only read is refused an edit and told why', async () => {
  const vera = await open('vera');
  vera.set('note', 'from Vera');
  await vera.until(() => vera.error);
  assert.strictEqual(vera.error.code, 'forbidden');
  assert.strictEqual(vera.error.sequence, 1);
  vera.close();
});
