// Has Lighthouse judge pages of a running Coval, as somebody who is signed in sees them.
//
//   node audit.mjs CHROMIUM ORIGIN EMAIL PASSWORD REPORTS NAME=PATH…
//
// Prints a line for each page on a desktop and on a phone, and what keeps a score under 100. The whole reports go into
// the folder REPORTS.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import lighthouse, { desktopConfig } from 'lighthouse';
import puppeteer from 'puppeteer-core';

const [chromium, origin, email, password, reports, ...pages] = process.argv.slice(2);
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
// What is emptied before each visit: all but what says who is there.
const EMPTIED = ['file_systems', 'shader_cache', 'service_workers', 'cache_storage', 'indexeddb'];
const FIGURES = {
  FCP: 'first-contentful-paint',
  LCP: 'largest-contentful-paint',
  blocked: 'total-blocking-time',
  shift: 'cumulative-layout-shift',
};

const browser = await puppeteer.launch({
  executablePath: chromium,
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
});
try {
  await signIn();
  await mkdir(reports, { recursive: true });
  for (const [form, config] of [['desktop', desktopConfig], ['phone', undefined]]) {
    for (const [name, path] of pages.map((page) => page.split('='))) await judge(form, config, name, path);
  }
} finally {
  await browser.close();
}

// As people do it, since the app remembers that somebody did.
async function signIn() {
  const page = await browser.newPage();
  await page.goto(origin);
  await page.type('#email', email);
  await page.type('input[type=password]', password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('a[data-document]');
  await page.close();
}

async function judge(form, config, name, path) {
  const page = await browser.newPage();
  const flags = { onlyCategories: CATEGORIES, clearStorageTypes: EMPTIED, output: 'html', logLevel: 'error' };
  const { lhr, report } = await lighthouse(`${origin}${path}`, flags, config, page);
  await page.close();
  const file = `${name}-${form}`.replaceAll(/\W+/g, '-');
  await writeFile(join(reports, `${file}.html`), report);
  await writeFile(join(reports, `${file}.json`), JSON.stringify(lhr));
  const scores = CATEGORIES.map((category) => `${category} ${Math.round(lhr.categories[category].score * 100)}`);
  const figures = Object.entries(FIGURES).map(([word, id]) => `${word} ${lhr.audits[id].displayValue}`);
  console.log(`${name}, ${form}: ${scores.join(', ')} (${figures.join(', ')})`);
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  for (const category of CATEGORIES) {
    for (const { id, weight } of lhr.categories[category].auditRefs) {
      const { score, title, displayValue, scoreDisplayMode } = lhr.audits[id];
      const counts = weight > 0 || scoreDisplayMode === 'metricSavings';
      if (counts && score !== null && score < 0.9) console.log(`    ${id}: ${title} ${displayValue ?? ''}`);
    }
  }
}
