// Keeps the app on the device, so that it opens without a network. Documents are kept by the app itself.
//
// Pages come from the network while there is one, so that nobody works with an old version for long. Files with a hash in
// their name never change: what is here is good.

const KEPT = 'coval';
const PATIENCE_MS = 2000;
const BUNDLE = /^\/coval-[0-9a-f]+\//;
const LASTING = [BUNDLE, /^\/start-[0-9a-f]+\.js$/, /^\/icon.*\.svg$/, /^\/manifest\.webmanifest$/];

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && !url.pathname.startsWith('/api/')) {
    event.respondWith(page(event));
  } else if (LASTING.some((pattern) => pattern.test(url.pathname))) {
    event.respondWith(file(request));
  }
});

// The page tells what it was made of: it was loaded before anybody listened.
self.addEventListener('message', (event) => {
  const { bundle, files } = event.data ?? {};
  if (typeof bundle === 'string' && Array.isArray(files)) event.waitUntil(keep(bundle, files));
});

async function page(event) {
  const cache = await caches.open(KEPT);
  const fresh = fetch(event.request).then((answer) => {
    const isPage = answer.ok && (answer.headers.get('Content-Type') ?? '').startsWith('text/html');
    if (isPage && !answer.redirected) event.waitUntil(cache.put('/', answer.clone()));
    return answer;
  });
  const known = await cache.match('/');
  if (!known) return fresh;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, known));
  return Promise.race([fresh.catch(() => known), late]);
}

async function file(request) {
  const cache = await caches.open(KEPT);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function keep(bundle, files) {
  const cache = await caches.open(KEPT);
  const wanted = files.filter((path) => typeof path === 'string' && LASTING.some((pattern) => pattern.test(path)));
  await Promise.all(
    ['/', ...wanted].map(async (path) => {
      if (!(await cache.match(path))) await cache.add(path);
    }),
  );
  // Other windows may still show the version before.
  const windows = await self.clients.matchAll({ type: 'window' });
  if (windows.length > 1) return;
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (BUNDLE.test(pathname) && !pathname.startsWith(bundle)) await cache.delete(request);
  }
}
