// Draws each chart beside the table that says the same. Bars carry patterns and labels, so that they
// can be told apart without colour; where scripts do not run, nothing is missing.
(() => {
  "use strict";
  const font = { fontFamily: "inherit", color: "#333e49" };
  // Values come in 万元; the unit is written after each number.
  const short = (value) => {
    if (value === 0) return "0";
    if (Math.abs(value) >= 1e4) return `${(value / 1e4).toFixed(2)}亿`;
    return `${value.toFixed(Math.abs(value) < 100 ? 2 : 0)}万`;
  };
  // Patterns are for telling series apart; one series alone needs none.
  const aria = (count) => ({ enabled: true, decal: { show: count > 1 } });
  const colors = ["#14508c", "#c98a2b"];

  const bars = (data, isLying) => {
    const names = { type: "category", data: data.names, inverse: isLying };
    names.axisLabel = { ...font, interval: 0, width: isLying ? 120 : 60, overflow: "truncate" };
    const values = { type: "value", splitNumber: 4, axisLabel: { ...font, formatter: short, hideOverlap: true } };
    const label = { show: true, position: isLying ? "right" : "top", ...font, fontSize: 11 };
    label.formatter = (point) => (point.value === null ? "*" : short(point.value));
    return {
      aria: aria(data.series.length),
      color: colors,
      grid: { left: 8, right: isLying ? 70 : 8, top: data.series.length > 1 ? 34 : 24, bottom: 8, containLabel: true },
      legend: { show: data.series.length > 1, top: 0, textStyle: font },
      tooltip: { trigger: "axis", axisPointer: { type: "shadow" } },
      xAxis: isLying ? values : names,
      yAxis: isLying ? names : values,
      series: data.series.map((one) => ({ type: "bar", name: one.name, data: one.values, label, barGap: "10%" })),
    };
  };

  const matrix = (data) => {
    const axis = (names) => ({ type: "category", data: names, splitArea: { show: true }, axisLabel: { ...font, interval: 0 } });
    const columns = axis(data.columns);
    columns.axisLabel.rotate = 40;
    columns.position = "top";
    const most = Math.max(...data.values.map((value) => value[2]), 1);
    // Flows differ a thousandfold, so shades follow their logarithm; the number itself is written in.
    const shade = (value) => Math.log10(1 + Math.max(value, 0));
    return {
      aria: aria(1),
      grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
      tooltip: { formatter: (p) => `${data.rows[p.value[1]]} → ${data.columns[p.value[0]]}：${p.value[3]}` },
      visualMap: { show: false, min: 0, max: shade(most), dimension: 2, inRange: { color: ["#f3f6fa", "#bcd0e6"] } },
      xAxis: columns,
      yAxis: { ...axis(data.rows), inverse: true },
      series: [{
        type: "heatmap",
        data: data.values.map(([x, y, value]) => [x, y, shade(value), value]),
        label: { show: true, ...font, fontSize: 10, formatter: (p) => short(p.value[3]) },
      }],
    };
  };

  const height = (data) => {
    if (data.kind === "matrix") return 120 + 30 * data.rows.length;
    return data.kind === "bars" ? 60 + 34 * data.names.length : 260;
  };

  for (const place of document.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(place.dataset.chart);
    place.hidden = false;
    place.style.height = `${height(data)}px`;
    if (data.kind === "matrix") place.style.minWidth = `${140 + 62 * data.columns.length}px`;
    const drawn = echarts.init(place);
    const label = place.getAttribute("aria-label");
    drawn.setOption(data.kind === "matrix" ? matrix(data) : bars(data, data.kind === "bars"));
    place.setAttribute("aria-label", label); // the table says it better than a list of numbers
    window.addEventListener("resize", () => drawn.resize());
  }
})();
