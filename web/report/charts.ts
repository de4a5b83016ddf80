/*
 * The charts, in Vega-Lite. Curves read the points that the page carries as JSON; dots of groups
 * read the numbers of the table below them, so a chart cannot say anything else than its table.
 *
 * Colours are CSS variables: a chart follows light, dark and print without being drawn again.
 * Expressions run in Vega's interpreter, because the page's policy allows no evaluated code.
 */
import embed from 'vega-embed';
import { expressionInterpreter } from 'vega-interpreter';
import type { TopLevelSpec } from 'vega-lite';

interface Curve {
  measure: string;
  role: string;
  x: (number | null)[];
  y: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}

const ROLES = ['candidate', 'baseline', 'difference'];
const COLORS = ['var(--candidate)', 'var(--baseline)', 'var(--ink)'];

const config = {
  aria: false,
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: 'transparent' },
  axis: {
    labelColor: 'var(--soft)',
    titleColor: 'var(--soft)',
    titleFontWeight: 'normal',
    gridColor: 'var(--line)',
    domainColor: 'var(--line)',
    tickColor: 'var(--line)',
    labelFontSize: 12,
    titleFontSize: 12,
  },
  legend: { symbolOpacity: 1, labelColor: 'var(--ink)', labelFontSize: 12, title: null, orient: 'top' },
} as const;

const color = { field: 'role', type: 'nominal', scale: { domain: ROLES, range: COLORS } } as const;

/* A figure without a point stays away: its table says that there is no number. */
function hasNone(figure: HTMLElement, points: unknown[]): boolean {
  figure.hidden = points.length === 0;
  return points.length === 0;
}

async function show(figure: HTMLElement, label: string, spec: object): Promise<void> {
  figure.setAttribute('role', 'img');
  figure.setAttribute('aria-label', label);
  await embed(figure, { $schema: undefined, config, ...spec } as unknown as TopLevelSpec, {
    actions: false,
    ast: true,
    defaultStyle: false,
    expr: expressionInterpreter,
    mode: 'vega-lite',
    renderer: 'svg',
  });
  figure.querySelector('svg')?.setAttribute('aria-hidden', 'true'); // the figure's label and the table say it
}

function curves(): Curve[] {
  return JSON.parse(document.getElementById('curves')?.textContent ?? '[]') as Curve[];
}

/* Candidate and baseline with their bands on one pair of axes. */
export async function drawCurve(figure: HTMLElement): Promise<void> {
  const { measure, title = '', x = 'x', y = 'y', guide, log } = figure.dataset;
  const points = curves()
    .filter((curve) => curve.measure === measure)
    .flatMap((curve) =>
      curve.x.map((at, i) => ({
        role: curve.role,
        order: i,
        x: at,
        y: curve.y[i],
        low: curve.low[i] ?? null,
        high: curve.high[i] ?? null,
      })),
    )
    .filter((point) => point.x !== null && point.y !== null);
  if (hasNone(figure, points)) return;
  const roles = ROLES.filter((role) => points.some((point) => point.role === role));
  const roleColor = {
    ...color,
    scale: { domain: roles, range: roles.map((role) => COLORS[ROLES.indexOf(role)]) },
    legend: roles.length > 1 ? undefined : null,
  };
  const isLog = (axis: string): boolean => log === axis && points.every((point) => Number(axis === 'x' ? point.x : point.y) > 0);
  /* A lower bound of 0 has no place on a logarithmic axis: the band ends below the least point. */
  const floor = Math.min(...points.map((point) => Number(point.y))) / 1.3;
  if (isLog('y')) for (const point of points) point.low = point.low === null ? null : Math.max(point.low, floor);
  const sizes = [...new Set(points.map((point) => point.x))];
  const scale = (axis: string): object => (isLog(axis) ? { scale: { type: 'log', nice: false } } : {});
  const axisX = { field: 'x', type: 'quantitative', title: x, ...scale('x'), axis: isLog('x') ? { values: sizes, format: ',~g', labelOverlap: true } : { tickCount: 5 } };
  const axisY = { type: 'quantitative', title: y, ...scale('y'), axis: { tickCount: 5, ...(isLog('y') ? { format: '~g' } : {}) } };
  const line = {
    mark: { type: 'line', strokeWidth: 2 },
    encoding: {
      x: axisX,
      y: { ...axisY, field: 'y' },
      color: roleColor,
      order: { field: 'order' },
      tooltip: [
        { field: 'role' },
        { field: 'x', type: 'quantitative', title: x, format: '.4~g' },
        { field: 'y', type: 'quantitative', title: y, format: '.4~g' },
        { field: 'low', type: 'quantitative', title: 'low', format: '.4~g' },
        { field: 'high', type: 'quantitative', title: 'high', format: '.4~g' },
      ],
    },
  };
  const banded = points.filter((point) => point.low !== null && point.high !== null);
  const band = {
    data: { values: banded },
    mark: { type: 'area', opacity: 0.18 },
    encoding: {
      x: axisX,
      y: { ...axisY, field: 'low' },
      y2: { field: 'high' },
      color: roleColor,
    },
  };
  const diagonal = {
    data: { values: [{ x: 0, y: 0 }, { x: 1, y: 1 }] },
    mark: { type: 'line', strokeDash: [4, 4], strokeWidth: 1, color: 'var(--soft)' },
    encoding: { x: axisX, y: { ...axisY, field: 'y' } },
  };
  await show(figure, `${title}: ${points.length} points of ${roles.join(' and ')}; the numbers are in the tables below`, {
    width: 'container',
    height: 260,
    data: { values: points },
    layer: [...(guide === 'diagonal' ? [diagonal] : []), ...(banded.length > 0 ? [band] : []), line],
  });
}

function numberAt(cell: Element | null, i: number): number | null {
  const value = cell?.querySelectorAll<HTMLDataElement>('data')[i]?.value;
  return value === undefined ? null : Number(value);
}

/* Dots with intervals, one line per group, in the order of the table below the chart. */
export async function drawGroups(figure: HTMLElement): Promise<void> {
  const rows = [...(figure.parentElement?.querySelectorAll('tbody tr') ?? [])];
  const cells: [string, string][] = [
    ['candidate', 'td[data-label=Candidate], td[data-label=Value]'],
    ['baseline', 'td[data-label=Baseline]'],
  ];
  const points = rows.flatMap((row, i) =>
    cells.map(([role, selector]) => {
      const cell = row.querySelector(selector);
      return {
        group: row.querySelector('th')?.textContent ?? '',
        place: i,
        role,
        value: numberAt(cell, 0),
        low: numberAt(cell, 1),
        high: numberAt(cell, 2),
        n: numberAt(row.querySelector('td[data-label=n]'), 0),
      };
    }),
  ).filter((point) => point.value !== null);
  if (hasNone(figure, points)) return;
  const roles = ROLES.filter((role) => points.some((point) => point.role === role));
  const roleColor = {
    ...color,
    scale: { domain: roles, range: roles.map((role) => COLORS[ROLES.indexOf(role)]) },
    legend: roles.length > 1 ? undefined : null,
  };
  const y = {
    field: 'group',
    type: 'nominal',
    title: null,
    sort: { field: 'place' },
    axis: { labelLimit: figure.clientWidth < 500 ? 120 : 260, ticks: false, domain: false, grid: true },
  };
  const offset = roles.length > 1 ? { yOffset: { field: 'role', scale: { domain: roles } } } : {};
  const x = { type: 'quantitative', title: figure.dataset.title, scale: { zero: false, nice: true }, axis: { tickCount: 6, orient: 'top' } };
  const spans = {
    mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.7 },
    encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color: roleColor, ...offset },
  };
  await show(figure, `${figure.dataset.title}: ${rows.length} groups, the worst first; the numbers are in the table below`, {
    width: 'container',
    height: 80 + rows.length * (roles.length > 1 ? 22 : 18),
    data: { values: points },
    layer: [
      ...(points.some((point) => point.low !== null) ? [spans] : []),
      {
        mark: { type: 'point', filled: true, size: 45, opacity: 1 },
        encoding: {
          y,
          x: { ...x, field: 'value' },
          color: roleColor,
          ...offset,
          tooltip: [
            { field: 'group' },
            { field: 'role' },
            { field: 'value', type: 'quantitative', format: '.4~g' },
            { field: 'low', type: 'quantitative', format: '.4~g' },
            { field: 'high', type: 'quantitative', format: '.4~g' },
            { field: 'n', type: 'quantitative', format: ',' },
          ],
        },
      },
    ],
  });
}

/* The rates of a column's groups side by side: a panel per rate on a scale of its own, a line per group; in one column where
   the page is narrow. */
export async function drawRates(figure: HTMLElement): Promise<void> {
  const table = figure.nextElementSibling;
  const rows = [...(table?.querySelectorAll('tbody tr') ?? [])];
  const titles = [...(rows[0]?.querySelectorAll<HTMLElement>('td[data-rate]') ?? [])].map((cell) => cell.dataset.label ?? '');
  const points = rows.flatMap((row, place) =>
    [...row.querySelectorAll('td[data-rate]')].map((cell, rate) => ({
      group: row.querySelector('th')?.textContent ?? '',
      place,
      rate: titles[rate],
      value: numberAt(cell, 0),
      low: numberAt(cell, 1),
      high: numberAt(cell, 2),
      n: numberAt(row.querySelector('td[data-label=Rows]'), 0),
    })),
  ).filter((point) => point.value !== null);
  if (hasNone(figure, points)) return;
  /* A rate that is known of no group has no scale to stand on. */
  const shown = titles.filter((title) => points.some((point) => point.rate === title && point.low !== null));
  if (hasNone(figure, shown)) return;
  const isNarrow = figure.clientWidth < 640;
  const names = isNarrow ? 110 : 150;
  const columns = isNarrow ? 1 : shown.length;
  const width = Math.max(90, (figure.clientWidth - names - 24 * columns - 20) / columns);
  const tooltip = [
    { field: 'group' },
    { field: 'rate' },
    { field: 'value', type: 'quantitative', format: '.4~g' },
    { field: 'low', type: 'quantitative', format: '.4~g' },
    { field: 'high', type: 'quantitative', format: '.4~g' },
    { field: 'n', title: 'rows', type: 'quantitative', format: ',' },
  ];
  /* All groups in every panel: where a rate is not known of one, its line stays empty. */
  const groups = rows.map((row) => row.querySelector('th')?.textContent ?? '');
  const panel = (title: string, i: number): object => {
    const isNamed = isNarrow || i === 0;
    const y = {
      field: 'group',
      type: 'nominal',
      title: null,
      scale: { domain: groups },
      axis: { labels: isNamed, labelPadding: 8, labelLimit: names - 10, ticks: false, domain: false, grid: true },
    };
    const values = points.filter((point) => point.rate === title);
    const ends = values.flatMap((point) => [point.value, point.low, point.high]).filter((end): end is number => end !== null);
    const domain = [Math.min(...ends), Math.max(...ends)];
    const x = { type: 'quantitative', title, scale: { domain, nice: true }, axis: { tickCount: 3, orient: 'top' } };
    return {
      width,
      height: Math.max(36, rows.length * 20),
      data: { values },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2, opacity: 0.75, color: 'var(--candidate)' },
          encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
        },
        {
          mark: { type: 'point', filled: true, size: 45, opacity: 1, color: 'var(--candidate)' },
          encoding: { y, x: { ...x, field: 'value' }, tooltip },
        },
      ],
    };
  };
  const panels = shown.map(panel);
  await show(figure, `${figure.dataset.title}: ${rows.length} groups, ${shown.join(', ')}; the numbers are in the table below`, {
    spacing: 18,
    ...(isNarrow ? { vconcat: panels } : { hconcat: panels }),
  });
}
