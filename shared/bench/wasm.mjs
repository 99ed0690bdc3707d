// Times the functions of the WebAssembly build, given as a file, and prints milliseconds as JSON; with a number of
// trials, the simulation alone.
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), {});
const engine = instance.exports;

const median = (rounds, run) => {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const value = run(1 + (round % 1000) / 1000);
    times.push(performance.now() - start);
    if (!Number.isFinite(value)) throw new Error(`the engine gave ${value}`);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)];
};

if (process.argv[3]) {
  const trials = Number(process.argv[3]);
  const time = median(9, () => engine.simulate(trials));
  console.log(JSON.stringify({ trialsPerSecond: trials / (time / 1000) }));
} else {
  const load = median(31, () => engine.load());
  const recalculate = median(301, (number) => engine.recalculate(number));
  const changeOne = median(1001, (number) => engine.change_one(number));
  console.log(JSON.stringify({ load, recalculate, changeOne }));
}
