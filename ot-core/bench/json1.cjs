// What ot-json1 takes for each case of a file of vectors, in microseconds: the median of some rounds over all cases.
// node json1.cjs VECTORS
'use strict';

const fs = require('fs');
const zlib = require('zlib');
const json1 = require('ot-json1').type;
json1.registerSubtype(require('ot-text-unicode').type);

const ROUNDS = 25;

const lines = zlib.gunzipSync(fs.readFileSync(process.argv[2])).toString().split('\n').filter((line) => line);
const cases = lines.map((line) => JSON.parse(line));
const runs = {
  apply: (each) => json1.apply(each.doc, each.a),
  tryTransform: (each) => json1.tryTransform(each.a, each.b, 'left'),
  compose: (each) => json1.compose(each.a, each.then),
  invertWithDoc: (each) => json1.invertWithDoc(each.a, each.doc),
};
const medians = {};
for (const [name, run] of Object.entries(runs)) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    for (const each of cases) run(each);
    times.push(Number(process.hrtime.bigint() - start) / 1e3 / cases.length);
  }
  medians[name] = times.sort((one, other) => one - other)[ROUNDS >> 1];
}
console.log(JSON.stringify(medians));
