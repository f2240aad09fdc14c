// The charts, drawn by Chart.js. Each has its table beside it on the page, for those who cannot see it.
import { clipped, el } from './dom.js';

const kCharts = [];

export function forgetCharts() {
  while (kCharts.length > 0) kCharts.pop().destroy();
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// A canvas that is drawn once it is in the document. `height` in pixels.
function canvas(label, height, make) {
  const surface = el('canvas', { role: 'img', 'aria-label': label });
  const box = el('div', { class: 'chart' }, surface);
  box.style.height = `${height}px`;
  requestAnimationFrame(() => {
    if (!surface.isConnected) return;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour('soft');
    Chart.defaults.borderColor = colour('line');
    kCharts.push(new Chart(surface, make()));
    surface.dataset.drawn = 'true';
  });
  return box;
}

// Lines from low to high through each point that has both, along x or y.
const whiskers = (along) => ({
  id: 'whiskers',
  beforeDatasetsDraw(chart) {
    const { ctx, chartArea: area, scales } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.width, area.height);
    ctx.clip();
    chart.data.datasets.forEach((dataset, d) => {
      if (!chart.isDatasetVisible(d)) return;
      dataset.data.forEach((point, i) => {
        if (!Number.isFinite(point.low) || !Number.isFinite(point.high)) return;
        const at = chart.getDatasetMeta(d).data[i];
        const [from, to] = [point.low, point.high].map((value) => scales[along].getPixelForValue(value));
        const [x, y] = along === 'x' ? [1, 0] : [0, 1];
        ctx.beginPath();
        ctx.lineWidth = 2;
        ctx.strokeStyle = [dataset.whisker].flat()[i % [dataset.whisker].flat().length];
        ctx.moveTo(x ? from : at.x, y ? from : at.y);
        ctx.lineTo(x ? to : at.x, y ? to : at.y);
        for (const end of [from, to]) {
          ctx.moveTo(x ? end : at.x - 4, y ? end : at.y - 4);
          ctx.lineTo(x ? end : at.x + 4, y ? end : at.y + 4);
        }
        ctx.stroke();
      });
    });
    ctx.restore();
  },
});

// A line at a value of x: no difference, or the margin of a gate.
const rules = (values) => ({
  id: 'rules',
  beforeDatasetsDraw(chart) {
    const { ctx, chartArea: area, scales } = chart;
    for (const { value, dashed } of values) {
      const x = scales.x.getPixelForValue(value);
      if (x < area.left || x > area.right) continue;
      ctx.save();
      ctx.beginPath();
      ctx.setLineDash(dashed ? [4, 4] : []);
      ctx.strokeStyle = colour(dashed ? 'flag' : 'edge');
      ctx.lineWidth = 1.5;
      ctx.moveTo(x, area.top);
      ctx.lineTo(x, area.bottom);
      ctx.stroke();
      ctx.restore();
    }
  },
});

// The whiskers and a little air belong to the scale; what is beyond 0 and 100 % does not.
function reach(points, along, percent = false) {
  const ends = points.flatMap((point) => [point[along], point.low, point.high]).filter(Number.isFinite);
  const [low, high] = ends.reduce(([a, b], end) => [Math.min(a, end), Math.max(b, end)], [Infinity, -Infinity]);
  const air = (high - low) / 50 || 1;
  if (!Number.isFinite(low)) return {};
  return { suggestedMin: percent ? Math.max(0, low - air) : low - air, suggestedMax: percent ? Math.min(100, high + air) : high + air };
}

const plain = { animation: false, maintainAspectRatio: false, responsive: true };

// rows: [{ label, points: [{ x, low, high, kind, says }] }]; kind: 'own' | 'good' | 'bad' | 'even' | 'same' | 'other'.
// 'same' and 'other' are published numbers, measured in the same way or in another.
export function intervalChart(label, rows, unit, lines = []) {
  const looks = {
    own: ['accent', 'circle', 5], good: ['good', 'circle', 5], bad: ['flag', 'circle', 5], even: ['edge', 'circle', 5],
    same: ['published', 'rectRot', 7], other: ['published', 'rectRot', 6],
  };
  return canvas(label, 62 + 26 * rows.length, () => {
    const longest = innerWidth < 640 ? 17 : 38;
    const datasets = Object.entries(looks).map(([kind, [name, style, radius]]) => ({
      label: kind, clip: 8, pointStyle: style, pointRadius: radius, pointHoverRadius: radius + 2, borderWidth: 1.5,
      borderColor: colour(name), whisker: colour(name), backgroundColor: kind === 'other' ? colour('sheet') : colour(name),
      data: rows.flatMap((row, y) => row.points.filter((point) => point.kind === kind).map((point) => ({ ...point, y }))),
    }));
    return {
      type: 'scatter',
      data: { datasets },
      plugins: [whiskers('x'), rules(lines)],
      options: {
        ...plain,
        scales: {
          x: { title: { display: true, text: unit }, grid: { color: colour('line') }, ...reach([...rows.flatMap((row) => row.points), ...lines.map((line) => ({ x: line.value }))], 'x', unit.endsWith('%')) },
          y: {
            min: -0.5, max: rows.length - 0.5, reverse: true,
            grid: { display: false },
            afterBuildTicks(axis) { axis.ticks = rows.map((_, value) => ({ value })); },
            ticks: { autoSkip: false, color: colour('ink'), callback: (value) => clipped(rows[value]?.label ?? '', longest) },
          },
        },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { label: (item) => `${clipped(rows[item.raw.y].label, 60)}: ${clipped(item.raw.says, 120)}` } },
        },
      },
    };
  });
}

// series: [{ name, values }] over the same labels.
export function barChart(label, labels, series, unit, axis) {
  return canvas(label, 260, () => ({
    type: 'bar',
    data: {
      labels: labels.map((text) => clipped(text, 16)),
      datasets: series.map((one, i) => ({
        label: one.name, data: one.values, backgroundColor: colour(i === 0 && series.length > 1 ? 'edge' : 'accent'), borderRadius: 3,
      })),
    },
    options: {
      ...plain,
      scales: {
        x: { grid: { display: false }, title: { display: axis !== undefined, text: axis } },
        y: { beginAtZero: true, title: { display: true, text: unit }, grid: { color: colour('line') }, ticks: unit === 'questions' ? { precision: 0 } : {} },
      },
      plugins: { legend: { display: series.length > 1, labels: { boxWidth: 12 } } },
    },
  }));
}

// points: [{ x, y, low, high, kind, says }] in order of x; `tick` words a value of x.
export function trendChart(label, points, unit, axis, tick) {
  const looks = { own: 'accent', good: 'good', bad: 'flag' };
  const [first, last] = [points[0].x, points.at(-1).x];
  const air = (last - first) / 25 || 1;
  return canvas(label, 300, () => {
    const colours = points.map((point) => colour(looks[point.kind]));
    return {
      type: 'line',
      data: {
        datasets: [{
          data: points, clip: 8, borderColor: colour('edge'), borderWidth: 1.5, pointRadius: 5, pointHoverRadius: 7,
          pointBackgroundColor: colours, pointBorderColor: colours, whisker: colours,
        }],
      },
      plugins: [whiskers('y')],
      options: {
        ...plain,
        layout: { padding: { right: 12 } },
        scales: {
          x: {
            type: 'linear', min: first - air, max: last + air,
            title: { display: true, text: axis }, grid: { display: false },
            afterBuildTicks(scale) { scale.ticks = [...new Set(points.map((point) => point.x))].map((value) => ({ value })); },
            ticks: { callback: tick, autoSkipPadding: 16, maxRotation: 0 },
          },
          y: {
            title: { display: true, text: unit }, grid: { color: colour('line') },
            ...reach(points, 'y', unit.endsWith('%')),
          },
        },
        plugins: {
          legend: { display: false },
          tooltip: { callbacks: { title: (items) => tick(items[0].raw.x), label: (item) => clipped(item.raw.says, 120) } },
        },
      },
    };
  });
}

// points: [{ x, y, low, high, says }], both in %: how often is right what is said with a confidence of x?
export function reliabilityChart(label, points) {
  const scale = (text) => ({ min: 0, max: 100, title: { display: true, text }, grid: { color: colour('line') }, ticks: { stepSize: 20 } });
  return canvas(label, 340, () => ({
    type: 'scatter',
    data: {
      datasets: [
        { data: points, clip: 8, pointRadius: 5, pointHoverRadius: 7, backgroundColor: colour('accent'), borderColor: colour('accent'), whisker: colour('accent') },
        { data: [{ x: 0, y: 0 }, { x: 100, y: 100 }], showLine: true, pointRadius: 0, pointHitRadius: 0, pointHoverRadius: 0, borderColor: colour('edge'), borderWidth: 1.5, borderDash: [4, 4], whisker: colour('edge') },
      ],
    },
    plugins: [whiskers('y')],
    options: {
      ...plain,
      scales: { x: scale('confidence, %'), y: scale('right, %') },
      plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) => clipped(item.raw.says ?? '', 120) } } },
    },
  }));
}
