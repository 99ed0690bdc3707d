// Loads the app. A file of its own, since the page's content policy allows no inline script.

// The look that was chosen, before anything is drawn in another one.
try {
  const theme = localStorage.getItem('coval.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Where nothing is remembered, the look is that of the system.
}

const { code } = document.querySelector('meta[name="coval-app"]').dataset;

try {
  const { default: start } = await import(`${code}.js`);
  await start({ module_or_path: `${code}_bg.wasm` });
} catch (error) {
  const notice = document.createElement('p');
  notice.setAttribute('role', 'alert');
  notice.textContent = `Coval could not start: ${error}. Reload the page to try again.`;
  document.body.replaceChildren(notice);
  throw error;
}
