// Draws the figures of the page and makes their buttons work.
(() => {
  "use strict";
  const root = document.documentElement;
  const rowsShown = 200;
  const axisRoom = 78;

  const config = {
    background: "transparent",
    font: "system-ui, 'Liberation Sans', sans-serif",
    axis: {
      labelColor: "currentColor", titleColor: "currentColor", titleFontWeight: "normal",
      domainColor: "currentColor", tickColor: "currentColor",
      gridColor: "currentColor", gridOpacity: 0.1, domainOpacity: 0.5, tickOpacity: 0.5,
      labelFontSize: 11, titleFontSize: 12, tickCount: 5, labelFlush: true,
    },
    axisY: { labelFlush: false },
    legend: { labelColor: "currentColor", titleColor: "currentColor", orient: "top", labelFontSize: 11, symbolOpacity: 1 },
    title: { color: "currentColor", fontSize: 12, fontWeight: 600, anchor: "start" },
    view: { stroke: "currentColor", strokeOpacity: 0.15 },
    concat: { spacing: 24 },
  };

  function countError(problem) {
    root.dataset.errors = String(Number(root.dataset.errors) + 1);
    root.dataset.lastError = String((problem && problem.message) || problem);
  }
  window.addEventListener("error", (event) => countError(event.message));
  window.addEventListener("unhandledrejection", (event) => countError(event.reason));

  /// A row-by-row table becomes one object per row, as Vega wants it.
  function objects(table) {
    return table.rows.map((row) => Object.fromEntries(table.keys.map((key, i) => [key, row[i]])));
  }

  /// Every "panel" of the specification becomes a width in pixels.
  function sized(spec, pixels) {
    if (Array.isArray(spec)) return spec.map((part) => sized(part, pixels));
    if (spec === null || typeof spec !== "object") return spec;
    const copy = {};
    for (const [key, value] of Object.entries(spec)) {
      copy[key] = (key === "width" || key === "height") && value === "panel" ? pixels : sized(value, pixels);
    }
    return copy;
  }

  function layout(figure, room) {
    let columns = Math.min(figure.columns, figure.spec.concat ? figure.spec.concat.length : 1);
    let pixels;
    if (figure.fixed_columns) {
      columns = figure.columns;
      pixels = Math.max(figure.panel_width, Math.floor((room - axisRoom) / columns) - 8);
      pixels = Math.min(pixels, 170);
    } else {
      const fitting = Math.floor(room / (figure.panel_width + axisRoom));
      columns = Math.max(1, Math.min(columns, fitting));
      pixels = Math.max(180, Math.floor(room / columns) - axisRoom);
      pixels = Math.min(pixels, Math.max(560, figure.panel_width));
    }
    const spec = sized(figure.spec, pixels);
    if (spec.concat) spec.columns = columns;
    return spec;
  }

  async function draw(element, figure) {
    const chart = element.querySelector(".chart");
    const spec = layout(figure, chart.clientWidth);
    spec.datasets = Object.fromEntries(figure.tables.map((t) => [t.name, objects(t)]));
    const result = await vegaEmbed(chart, spec, {
      mode: "vega-lite", renderer: "svg", actions: false, config, tooltip: { theme: "custom" },
    });
    element.view = result.view;
    const svg = chart.querySelector("svg");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", element.querySelector("figcaption").textContent);
  }

  function save(name, url) {
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
  }

  function saveText(name, text, type) {
    const url = URL.createObjectURL(new Blob([text], { type }));
    save(name, url);
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  function csvCell(value) {
    if (value === null) return "";
    const text = String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv(table) {
    return [table.titles, ...table.rows].map((row) => row.map(csvCell).join(",") + "\n").join("");
  }

  /// The drawing with colours of its own: outside the page nothing says what the colour of text is.
  async function svgText(element) {
    return (await element.view.toSVG()).replaceAll("currentColor", "#000000");
  }

  async function savePng(element, name) {
    const text = await svgText(element);
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    save(name, canvas.toDataURL("image/png"));
  }

  function cell(kind, text) {
    const node = document.createElement(kind);
    node.textContent = text;
    return node;
  }

  function htmlTable(table) {
    const body = document.createElement("table");
    const head = body.createTHead().insertRow();
    for (const title of table.titles) head.append(cell("th", title));
    const rows = body.createTBody();
    for (const values of table.rows.slice(0, rowsShown)) {
      const row = rows.insertRow();
      for (const value of values) row.append(cell("td", value === null ? "" : value));
    }
    const box = document.createElement("div");
    box.className = "scroll";
    box.tabIndex = 0;
    box.append(body);
    const hidden = table.rows.length - rowsShown;
    const note = cell("p", hidden > 0 ? `The first ${rowsShown} of ${table.rows.length} rows; the CSV file has all.` : "");
    note.className = "small";
    return [box, note];
  }

  function button(bar, label, title, action) {
    const node = cell("button", label);
    node.type = "button";
    node.title = title;
    node.addEventListener("click", () => Promise.resolve(action(node)).catch(countError));
    bar.append(node);
  }

  function buttons(element, figure) {
    const bar = element.querySelector(".buttons");
    const data = element.querySelector(".data");
    button(bar, "SVG", "Save the chart as SVG", async () => {
      saveText(`${figure.id}.svg`, await svgText(element), "image/svg+xml");
    });
    button(bar, "PNG", "Save the chart as PNG", () => savePng(element, `${figure.id}.png`));
    for (const table of figure.tables) {
      const many = figure.tables.length > 1;
      button(bar, many ? `CSV ${table.name}` : "CSV", "Save the data of the chart", () => {
        saveText(`${figure.id}${many ? "-" + table.name : ""}.csv`, csv(table), "text/csv");
      });
    }
    button(bar, "Table", "Show the data of the chart", (node) => {
      if (!data.hasChildNodes()) data.append(...figure.tables.flatMap(htmlTable));
      data.hidden = !data.hidden;
      node.setAttribute("aria-expanded", String(!data.hidden));
    });
  }

  const figures = [...document.querySelectorAll("figure")].map((element) => ({
    element,
    figure: JSON.parse(element.querySelector("script").textContent),
  }));

  async function drawAll() {
    let drawn = 0;
    for (const { element, figure } of figures) {
      try {
        await draw(element, figure);
        drawn += 1;
      } catch (problem) {
        countError(problem);
        element.querySelector(".chart").textContent = "This chart could not be drawn: " + problem.message;
      }
    }
    root.dataset.drawn = String(drawn);
  }

  for (const { element, figure } of figures) buttons(element, figure);
  let width = document.body.clientWidth;
  let waiting;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const moved = Math.abs(document.body.clientWidth - width) > 40;
      if (!moved || matchMedia("print").matches) return;
      width = document.body.clientWidth;
      drawAll();
    }, 200);
  });
  drawAll().then(() => {
    root.dataset.scrollWidth = String(root.scrollWidth);
    root.dataset.ready = "yes";
  });
})();
