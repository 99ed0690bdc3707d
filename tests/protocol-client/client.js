'use strict';

// A client of the protocol, written from docs/PROTOCOL.md alone: it edits the fields of a document's first level.

const { randomUUID } = require('node:crypto');
const WebSocket = require('ws');

const PATIENCE_MS = 20_000;

class Refused extends Error {
  constructor(problem) {
    super(problem.detail || problem.message);
    this.code = problem.code;
  }
}

/** Signs in, and brings what every other request needs. */
async function signIn(origin, email, password) {
  const answer = await fetch(`${origin}/api/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(body);
  return { origin, token: body.token };
}

async function get(person, path) {
  const answer = await fetch(person.origin + path, { headers: { authorization: `Bearer ${person.token}` } });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(body);
  return body;
}

async function ticket(person) {
  const answer = await fetch(`${person.origin}/api/socket-ticket`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const body = await answer.json();
  if (!answer.ok) throw new Refused(body);
  return body.ticket;
}

/** One writer, with one document and a connection that may be lost. */
class Client {
  constructor(person, document) {
    this.person = person;
    this.document = document;
    this.id = randomUUID();
    this.value = undefined;
    this.revision = undefined;
    this.sequence = 0;
    // What was sent and not answered, and what waits until it is: ops that set one field each.
    this.awaited = undefined;
    this.waiting = [];
    this.people = new Map();
    this.writers = [];
    this.waiters = [];
  }

  async connect() {
    const url = `${this.person.origin.replace('http', 'ws')}/ws`;
    const socket = new WebSocket(url, 'coval.v1.json', { origin: this.person.origin });
    this.socket = socket;
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary || socket !== this.socket) return;
      this.take(JSON.parse(data.toString()));
    });
    this.send({ type: 'hello', client: this.id, ticket: await ticket(this.person) });
    await this.until(() => this.welcome);
    this.send({ type: 'document_open', document: this.document, since: this.revision ?? null });
    await this.until(() => this.isOpen);
  }

  /** Loses the connection, as a train in a tunnel does. */
  cut() {
    this.socket.terminate();
    this.welcome = this.isOpen = undefined;
    this.people.clear();
  }

  close() {
    this.socket.close();
  }

  /** Sets a field of the first level. */
  set(field, value) {
    const before = this.value[field];
    const op = [field, before === undefined ? { i: value } : { r: true, i: value }];
    this.value[field] = value;
    this.waiting.push(op);
    this.submit();
  }

  submit() {
    if (this.awaited || !this.isOpen || this.waiting.length === 0) return;
    this.sequence += 1;
    this.awaited = { sequence: this.sequence, op: this.waiting.shift() };
    this.resend();
  }

  resend() {
    const { sequence, op } = this.awaited;
    this.send(['e', this.number, sequence, this.revision, op]);
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  take(message) {
    if (Array.isArray(message)) {
      this.takeBrief(message);
    } else {
      this.takeNamed(message);
    }
    this.submit();
    this.waiters.forEach((look) => look());
  }

  takeBrief([letter, number, ...rest]) {
    if (number !== this.number) throw new Error(`nothing has the number ${number}`);
    if (letter === 'u') {
      const [first, updates] = rest;
      updates.forEach(([writer, sequence, op, client], index) => {
        if (client) this.writers[writer] = client;
        this.receive({ revision: first + index, client: this.writers[writer], sequence, op });
      });
    } else if (letter === 'a') {
      this.acknowledge(...rest);
    }
  }

  takeNamed(message) {
    switch (message.type) {
      case 'welcome':
        this.welcome = message;
        break;
      case 'document_snapshot':
        this.number = message.number;
        this.writers = message.writers;
        this.value = message.snapshot;
        this.revision = message.revision;
        this.sequence = message.last_sequence;
        this.role = message.role;
        this.isOpen = true;
        break;
      case 'document_resumed':
        this.number = message.number;
        this.writers = message.writers;
        this.isOpen = true;
        message.updates.forEach((update) => this.receive(update));
        if (this.awaited) this.resend();
        break;
      case 'presence_update':
        if (message.is_all) this.people.clear();
        message.left.forEach((client) => this.people.delete(client));
        message.people.forEach((person) => this.people.set(person.client, person));
        this.people.delete(this.id);
        break;
      case 'error':
        this.error = message;
        break;
      default:
        break;
    }
  }

  receive({ revision, client, sequence, op }) {
    if (revision !== this.revision + 1) throw new Error(`revision ${revision} after ${this.revision}`);
    if (client === this.id) {
      this.acknowledge(sequence, revision);
      return;
    }
    this.revision = revision;
    const [field, change] = op;
    if (op.length !== 2 || typeof field !== 'string') throw new Error(`not an op of this client: ${JSON.stringify(op)}`);
    // Of two values set at once, the one that is committed later stays: ours, if it is still on its way.
    const mine = [this.awaited?.op, ...this.waiting].filter((own) => own && own[0] === field);
    if (mine.length === 0) {
      this.value[field] = change.i;
    } else if ('i' in mine[0][1] && !('r' in mine[0][1])) {
      mine[0][1] = { r: true, i: mine[0][1].i };
    }
  }

  acknowledge(sequence, revision) {
    if (!this.awaited || this.awaited.sequence !== sequence) throw new Error(`nothing awaits ${sequence}`);
    this.revision = revision;
    this.awaited = undefined;
  }

  get isSaved() {
    return !this.awaited && this.waiting.length === 0;
  }

  /** Waits until `condition` holds, which may change with every message. */
  until(condition) {
    return new Promise((resolve, reject) => {
      const forget = () => {
        clearTimeout(timer);
        this.waiters = this.waiters.filter((other) => other !== look);
      };
      const look = () => {
        if (!condition()) return;
        forget();
        resolve();
      };
      const timer = setTimeout(() => {
        forget();
        reject(new Error(`in vain: ${condition}, ${JSON.stringify(this.error)}`));
      }, PATIENCE_MS);
      this.waiters.push(look);
      look();
    });
  }
}

module.exports = { Client, Refused, get, signIn };
