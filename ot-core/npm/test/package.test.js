'use strict';

// The package as it is installed: its two ways in, its errors, the client.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { pathToFileURL } = require('node:url');

const { textUnicode, richText, json1, Client } = require('ot-core');

const ID = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';

test('import gives what require gives', async () => {
  const imported = await import('ot-core');
  assert.strictEqual(imported.json1, json1);
  assert.strictEqual(imported.Client, Client);
});

test('what does not fit is refused with a code, a place and a hint', () => {
  const refused = (code, place) => (error) => {
    assert.ok(error instanceof Error);
    assert.deepStrictEqual({ code: error.code, place: error.place }, { code, place });
    assert.match(error.hint, /^[^A-Z].*[^.]$/);
    return true;
  };
  assert.throws(() => textUnicode.apply('ab', [1, { d: 2 }]), refused('op_out_of_range', 'position 1'));
  assert.throws(() => textUnicode.compose([0], ['a']), refused('op_malformed', 'the op'));
  assert.throws(() => textUnicode.transform(['a'], ['b'], 'middle'), refused('op_malformed', 'the call'));
  assert.throws(() => textUnicode.apply('a\ud800', ['b']), refused('op_malformed', 'the document'));
  assert.throws(() => textUnicode.apply('a', ['\udc00']), refused('op_malformed', 'the call'));
  assert.throws(() => richText.apply({ ops: [{ insert: 'a' }] }, [{ delete: 2 }]), refused('op_out_of_range', 'position 1'));
  assert.throws(() => richText.apply({ ops: [{ insert: '💃' }] }, [{ delete: 1 }]), refused('op_out_of_range', 'position 0'));
  assert.throws(() => json1.apply({}, [{ x: 1 }]), refused('op_malformed', 'the op'));
  let bomb = [];
  for (let depth = 0; depth < 1000; depth += 1) bomb = [bomb];
  assert.throws(() => json1.apply({}, ['a', { i: bomb }]), refused('op_too_large', 'the call'));
  const circle = {};
  circle.self = circle;
  assert.throws(() => json1.apply(circle, null), refused('op_malformed', 'the call'));
});

test('numbers arrive with the same bits', () => {
  const numbers = [0.1, -1.5e-7, 1e21, 5e-324, 1.7976931348623157e308, 2 ** 53, -(2 ** 63), 1e300, 123456.789];
  assert.deepStrictEqual(json1.apply({ numbers }, ['x', { i: 1 }]), { numbers, x: 1 });
});

test('strings arrive with every character', () => {
  const string = '\u0000\u0001\t\n\r"\\/\u2028\u{10ffff}💃é\u007f';
  assert.deepStrictEqual(json1.apply({ [string]: string }, ['x', { i: string }]), { [string]: string, x: string });
});

test('presence follows ops', () => {
  assert.deepStrictEqual(textUnicode.transformPresence({ index: 1, length: 2 }, ['💃💃']), { index: 3, length: 2 });
  const presence = { path: ['list', 1], offset: 2, name: 'Anna' };
  const expected = { path: ['list', 2], offset: 2, name: 'Anna' };
  assert.deepStrictEqual(json1.transformPresence(presence, ['list', 0, { i: 'new' }]), expected);
  assert.strictEqual(richText.transformPresence(null, []), null);
});

test('a place in JSON follows moves, into strings too', () => {
  assert.deepStrictEqual(json1.transformPosition(['text', 3], ['text', { es: [1, 'xx'] }]), ['text', 5]);
  assert.deepStrictEqual(json1.transformPosition(['text', 1], ['text', { es: [2, 'xx'] }]), ['text', 1]);
  assert.deepStrictEqual(json1.transformPosition(['a', 'b'], [['a', { p: 0 }], ['c', { d: 0 }]]), ['c', 'b']);
  assert.strictEqual(json1.transformPosition(['a', 'b'], ['a', { r: true }]), null);
});

test('JSON holds rich text', () => {
  json1.registerSubtype(richText);
  assert.throws(() => json1.registerSubtype({ name: 'json0' }), { code: 'op_wrong_kind' });
  const edit = { et: 'rich-text', e: { ops: [{ retain: 2 }, { insert: '!' }] } };
  const after = json1.apply({ memo: { ops: [{ insert: '💃' }] } }, ['memo', edit]);
  assert.deepStrictEqual(after, { memo: { ops: [{ insert: '💃!' }] } });
});

test('a client composes what waits and follows what others do', () => {
  const client = new Client(textUnicode, { id: ID, document: 'Hello', revision: 7 });
  assert.deepStrictEqual(client.edit([5, '!']), { client: ID, sequence: 1, base: 7, op: [5, '!'] });
  assert.strictEqual(client.edit([6, '?']), null);
  const remote = { revision: 8, client: OTHER, sequence: 3, op: ['Oh. '] };
  assert.deepStrictEqual(client.receive(remote), { applied: ['Oh. '] });
  assert.deepStrictEqual(client.receive(remote), { alreadyKnown: true });
  assert.deepStrictEqual(client.resend(), { client: ID, sequence: 1, base: 8, op: [9, '!'] });
  const next = { client: ID, sequence: 2, base: 9, op: [10, '?'] };
  assert.deepStrictEqual(client.acknowledge(1, 9), { acknowledged: true, next });
  assert.strictEqual(client.document, 'Oh. Hello!?');
  assert.throws(() => client.receive({ ...remote, revision: 20 }), { code: 'client_gap' });
  assert.deepStrictEqual(client.acknowledge(2, 10), { acknowledged: true });
  assert.ok(client.isSynchronized);
  assert.strictEqual(client.revision, 10);
  assert.strictEqual(client.reset('new', 20, 2), false);
  assert.strictEqual(client.document, 'new');
  client.free();
});

test('a refused submission is taken back, and what came after it can stay', () => {
  const client = new Client(textUnicode, { id: ID, document: 'ab' });
  client.edit([2, 'X']);
  client.edit([3, 'Y']);
  assert.deepStrictEqual(client.refused(1, { keep: true }), { applied: [2, 'Y', { d: 2 }], lost: [2, 'X'] });
  assert.strictEqual(client.document, 'abY');
  assert.deepStrictEqual(client.flush(), { client: ID, sequence: 1, base: 0, op: [2, 'Y'] });
  assert.strictEqual(client.flush(), null);
});

test('the presence of others is placed behind what is not committed yet', () => {
  const text = new Client(textUnicode, { id: ID, document: 'ab', revision: 4 });
  text.edit(['💃']);
  assert.deepStrictEqual(text.place({ index: 1, length: 1, name: 'Anna' }, 4), { index: 2, length: 1, name: 'Anna' });
  assert.strictEqual(text.place({ index: 1 }, 5), null);
  const json = new Client(json1, { id: ID, document: { list: ['a'] } });
  json.edit(['list', 0, { i: 'new' }]);
  assert.deepStrictEqual(json.place({ path: ['list', 0], offset: 1 }, 0), { path: ['list', 1], offset: 1 });
});

test('bundlers find modules that import the WebAssembly', () => {
  const script = `
    import { json1 } from ${JSON.stringify(pathToFileURL(path.join(path.dirname(require.resolve('ot-core/package.json')), 'bundler/index.js')))};
    console.log(JSON.stringify(json1.apply({}, ['a', { i: 0.5 }])));`;
  const run = ['--experimental-wasm-modules', '--no-warnings', '--input-type=module', '--eval', script];
  assert.strictEqual(execFileSync(process.execPath, run, { encoding: 'utf8' }), '{"a":0.5}\n');
});

test('a client holds rich text and JSON too', () => {
  const rich = new Client(richText, { id: ID, document: { ops: [{ insert: '💃' }] } });
  rich.edit({ ops: [{ retain: 2 }, { insert: 'a' }] });
  assert.deepStrictEqual(rich.document, { ops: [{ insert: '💃a' }] });
  const json = new Client(json1, { id: ID, document: { n: 1 } });
  json.edit(['n', { ena: 2 }]);
  assert.deepStrictEqual(json.document, { n: 3 });
  assert.throws(() => new Client(json1, { id: 'me', document: {} }), { code: 'op_malformed' });
  assert.throws(() => new Client({ name: 'json0' }, { id: ID, document: {} }), { code: 'op_wrong_kind' });
});
