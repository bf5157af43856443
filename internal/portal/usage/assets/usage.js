// Draws the plots of the page from its tables. Without it the tables are there.
import uPlot from "../vendor/uplot/uPlot.esm.js";

const plots = [];

// colour resolves a custom property, which may depend on the theme, to a colour
// that a canvas knows.
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

// read takes the columns of a table as numbers; an empty cell is a gap.
function read(table, columns) {
  const rows = [...table.querySelectorAll("tbody tr")];
  const data = [rows.map((row) => Number(row.dataset.x))];
  for (const column of columns) {
    data.push(rows.map((row) => {
      const y = row.cells[column].dataset.y;
      return y === "" || y === undefined ? null : Number(y);
    }));
  }
  return data;
}

const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

// times writes the ticks of the axis: days, or hours with the day where one begins.
function times(_, ticks, __, ___, step) {
  return ticks.map((t) => {
    const at = new Date(t * 1000);
    if (step >= 86400) return day.format(at);
    return t % 86400 === 0 ? day.format(at) : clock.format(at);
  });
}

function axis(more) {
  const text = colour("--color-muted");
  const line = { stroke: colour("--color-border"), width: 1 };
  return { stroke: text, grid: line, ticks: line, font: "12px system-ui, sans-serif", ...more };
}

function draw(figure) {
  const table = document.getElementById(figure.dataset.plot);
  const box = figure.querySelector(".usage-canvas");
  if (!table || !box) return;
  const columns = figure.dataset.columns.split(" ").map(Number);
  const data = read(table, columns);
  const limit = Number(figure.dataset.limit || 0);
  const unit = figure.dataset.unit;
  const first = colour("--color-plot-1");
  // A line needs two points: where there are fewer, the points are drawn.
  const few = data.slice(1).every((values) => values.filter((v) => v !== null).length < 2);
  const dots = { show: few, size: 9 };
  const series = [{}, {
    stroke: first, width: 2, fill: first.replace(/^rgb\((.*)\)$/, "rgba($1, .12)"), points: dots, spanGaps: true,
  }];
  if (columns.length > 1) {
    series.push({ stroke: colour("--color-plot-2"), width: 2, dash: [6, 4], points: dots, spanGaps: true });
  }
  if (limit) {
    data.push(data[0].map(() => limit));
    series.push({ stroke: colour("--color-text"), width: 2, dash: [2, 4], points: { show: false } });
  }
  box.replaceChildren();
  box.classList.add("drawn");
  const plot = new uPlot({
    width: box.clientWidth, height: box.clientHeight, tzDate: (s) => uPlot.tzDate(new Date(s * 1000), "Etc/UTC"),
    legend: { show: false }, cursor: { drag: { x: false, y: false } }, series, padding: [8, 24, 0, 0],
    scales: { y: { range: (_, low, high) => [0, Math.max(high || 0, unit === "calls" ? 4 : 1) * 1.08] } },
    axes: [axis({ space: 64, values: times }), axis({ size: 68, values: (_, ticks) => ticks.map((t) => short.format(t) + (unit === "ms" ? " ms" : "")) })],
  }, data, box);
  plots.push({ plot, box });
}

function drawAll() {
  for (const { plot } of plots.splice(0)) plot.destroy();
  for (const figure of document.querySelectorAll(".usage-plot")) draw(figure);
}

document.documentElement.classList.add("has-plots");
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "style"] });
new ResizeObserver(() => {
  for (const { plot, box } of plots) plot.setSize({ width: box.clientWidth, height: box.clientHeight });
}).observe(document.querySelector("main") || document.body);
