// Loads the app. A file of its own, since the page's content policy allows no inline script.
const { module, wasm } = document.querySelector('meta[name="coval-app"]').dataset;

try {
  const { default: start } = await import(module);
  await start({ module_or_path: wasm });
} catch (error) {
  const notice = document.createElement('p');
  notice.setAttribute('role', 'alert');
  notice.textContent = `Coval could not start: ${error}. Reload the page to try again.`;
  document.body.replaceChildren(notice);
  throw error;
}
