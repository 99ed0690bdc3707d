// A worker of the app: the same code as the page's, which notices that there is no page and calculates what it is asked for.

import start from './coval.js';

await start({ module_or_path: new URL('./coval_bg.wasm', import.meta.url) });
