// Looks at report pages in a real browser:  node look.mjs CHROMIUM FOLDER NAME...   prints one JSON object per page and view.
//
// The first page is seen in all views, the others on a phone and in the dark on a desk.
// For each page and view: what the console said, what went wrong, what was asked of the network, how far the page is wider than
// its window, what axe finds, how many charts were drawn. The packages are those of web/ ($NONET_WEB, by default .deps/web).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(join(process.env.NONET_WEB ?? join(root, '.deps', 'web'), 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [chromiumPath, folder, ...names] = process.argv.slice(2);

const VIEWS = [
  { view: 'phone', width: 390, height: 844, colorScheme: 'light' },
  { view: 'phone dark', width: 390, height: 844, colorScheme: 'dark' },
  { view: 'tablet', width: 800, height: 1100, colorScheme: 'light' },
  { view: 'desktop', width: 1280, height: 900, colorScheme: 'light' },
  { view: 'desktop dark', width: 1280, height: 900, colorScheme: 'dark' },
  { view: 'paper', width: 794, height: 1123, colorScheme: 'dark', media: 'print' },
  { view: 'no script', width: 1280, height: 900, colorScheme: 'light', javaScriptEnabled: false },
];

function listen(page, seen) {
  page.on('console', (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => seen.errors.push(error.message));
  page.on('dialog', (dialog) => {
    seen.errors.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => seen.requests.push(request.url()));
}

// Every fold open, every part of the page once in view, so that every chart is drawn.
async function walk(page) {
  await page.evaluate(async () => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    for (const figure of document.querySelectorAll('figure.chart')) {
      figure.scrollIntoView({ behavior: 'instant' });
      await new Promise((next) => setTimeout(next, 60));
    }
    await new Promise((next) => setTimeout(next, 300));
    scrollTo({ top: 0, behavior: 'instant' });
  });
}

async function check(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map((v) => ({ id: v.id, impact: v.impact, where: v.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)) }));
  });
}

// Tab reaches "Skip to the decision" first, which leads there; a fold opens from the keyboard.
async function keyboard(page) {
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.keyboard.press('Enter');
  const reached = await page.evaluate(() => location.hash);
  const opened = await page.evaluate(() => {
    const summary = document.querySelector('details.about > summary');
    summary?.focus();
    return summary !== null && document.activeElement === summary;
  });
  if (opened) await page.keyboard.press('Enter');
  return { first, reached, opens: await page.evaluate(() => document.querySelector('details.about')?.open ?? null) };
}

const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  for (const name of names) {
    const views = name === names[0] ? VIEWS : VIEWS.filter(({ view }) => view === 'phone' || view === 'desktop dark');
    for (const { view, width, height, media, ...more } of views) {
      const seen = { name, view, console: [], errors: [], requests: [] };
      const context = await browser.newContext({ viewport: { width, height }, ...more });
      const page = await context.newPage();
      listen(page, seen);
      if (media) await page.emulateMedia({ media, colorScheme: more.colorScheme });
      await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
      seen.requests = seen.requests.slice(1); // the page itself
      if (more.javaScriptEnabled === false) {
        seen.figures = await page.locator('figure.chart:visible').count();
        seen.tables = await page.locator('table:visible, ul.cards:visible').count();
      } else {
        seen.keyboard = view === 'desktop dark' ? await keyboard(page) : null;
        await walk(page);
        Object.assign(
          seen,
          await page.evaluate(() => ({
            overflow: document.documentElement.scrollWidth - innerWidth,
            figures: document.querySelectorAll('figure.chart:not([hidden])').length,
            drawn: document.querySelectorAll('figure.chart:not([hidden]) svg').length,
            title: document.title,
            paper: getComputedStyle(document.body).backgroundColor,
          })),
        );
        seen.axe = await check(page);
      }
      console.log(JSON.stringify(seen));
      await context.close();
    }
  }
} finally {
  await browser.close();
}
