/*
 * The script of the report page. The page is complete without it: it draws the curves and the dots
 * of groups over the numbers that stand there, copies commands, and opens everything for print.
 */
import { drawCurve, drawGroups, drawRates } from './charts';

const said = document.getElementById('said');

function say(words: string): void {
  if (said) said.textContent = words;
}

/* Without the clipboard's API (pages from a disk, old browsers) the line is selected instead. */
async function copy(button: HTMLButtonElement): Promise<void> {
  const code = button.parentElement?.querySelector('code');
  if (!code) return;
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    button.textContent = 'Copied';
    say('Copied');
  } catch {
    getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected';
    say('Selected: copy it with the keyboard');
  }
  setTimeout(() => (button.textContent = 'Copy'), 2000);
}

const charters: Record<string, (figure: HTMLElement) => Promise<void>> = { curve: drawCurve, groups: drawGroups, rates: drawRates };

/* A chart is drawn once, when it can be seen: inside a closed <details> it has no width. */
function draw(figure: HTMLElement): void {
  if (figure.dataset.drawn) return;
  figure.dataset.drawn = 'yes';
  const chart = (charters[figure.dataset.chart ?? ''] ?? drawGroups)(figure);
  chart.catch((reason) => {
    figure.hidden = true;
    console.error(reason);
  });
}

function charts(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('figure.chart')];
}

function isFolded(element: Element): boolean {
  return element.parentElement?.closest('details:not([open])') != null;
}

document.documentElement.classList.add('js');
for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy')) {
  button.addEventListener('click', () => void copy(button));
}
const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !isFolded(entry.target)) {
        watcher.unobserve(entry.target);
        draw(entry.target as HTMLElement);
      }
    }
  },
  { rootMargin: '400px' },
);
for (const figure of charts(document)) watcher.observe(figure);

/* Paper has no folds: what was closed is opened and closed again afterwards. */
let opened: HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
  opened = [...document.querySelectorAll<HTMLDetailsElement>('details.by:not([open])')];
  for (const fold of opened) fold.open = true;
});
addEventListener('afterprint', () => {
  for (const fold of opened) fold.open = false;
  opened = [];
});
