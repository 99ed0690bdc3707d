// Loads the app. A file of its own, since the page's content policy allows no inline script.

// The look that was chosen, before anything is drawn in another one.
try {
  const theme = localStorage.getItem('coval.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Where nothing is remembered, the look is that of the system.
}

const app = document.querySelector('meta[name="coval-app"]').dataset;
const { code } = app;
const bundle = code.slice(0, code.lastIndexOf('/') + 1);

// The app asks for the code of documents when it knows who is here. It is on its way then.
if (location.pathname.startsWith('/document/')) {
  for (const file of app.document.split(' ')) {
    const hint = { rel: 'preload', as: 'fetch', type: 'application/wasm', crossOrigin: '', href: bundle + file };
    document.head.append(Object.assign(document.createElement('link'), hint));
  }
}

try {
  const { default: start } = await import(`${code}.js`);
  await start({ module_or_path: `${code}_bg.wasm` });
  document.querySelector('.arriving')?.remove();
  keepOnDevice().catch((error) => console.warn('Coval is not kept on this device:', error));
} catch (error) {
  const notice = document.createElement('p');
  notice.setAttribute('role', 'alert');
  notice.textContent = `Coval could not start: ${error}. Reload the page to try again.`;
  document.body.replaceChildren(notice);
  throw error;
}

// The app opens without a network once the worker has what it is made of. All of it, and not only what was needed so far,
// for whoever works with documents.
async function keepOnDevice() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register('/sw.js');
  const { active } = await navigator.serviceWorker.ready;
  const tell = (files) => active.postMessage({ bundle, files });
  tell(performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
  const keepAll = async () => {
    const names = await (await fetch(`${bundle}files.json`)).json();
    tell(names.map((name) => bundle + name));
  };
  if (document.documentElement.dataset.works !== undefined) await keepAll();
  else addEventListener('coval-works', () => keepAll().catch(() => {}), { once: true });
}
