// The app's chunks, for tests: until the app is split, it asks for their functions from a module of this name. Tests may
// reach a function that would load a chunk, but none is there to be loaded.
module.exports = new Proxy({}, {
    get: (_, name) => () => {
        throw new Error(`${String(name)} belongs to a chunk, and tests load none`);
    },
});
