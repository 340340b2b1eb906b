// Each of these runs inside a page, sent there as it stands: none may use another.

/** How far anything reaches past the right edge of the page, CSS pixels; what moves by itself is not looked into. */
export function overhang() {
  const width = document.documentElement.clientWidth;
  const mover = (element) => {
    const wide = element.closest(".wide");
    return wide !== null && wide !== element && getComputedStyle(wide).overflowX === "auto";
  };
  const edges = [...document.querySelectorAll("body *")]
    .filter((element) => !mover(element))
    .map((element) => element.getBoundingClientRect().right - width);
  return Math.max(document.documentElement.scrollWidth - width, ...edges);
}

/** The least contrast of any text with what lies behind it, as WCAG 2 counts it. */
export function leastContrast() {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const found = channels(getComputedStyle(at).backgroundColor);
      if (found.length > 0 && found[3] !== 0) return found;
    }
    return [255, 255, 255];
  };
  const ratios = [...document.querySelectorAll("main *")]
    .filter((element) => element.tagName !== "title")
    .filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""),
    )
    .map((element) => {
      const style = getComputedStyle(element);
      const ink = channels(element instanceof SVGElement ? style.fill : style.color);
      const [a, b] = [luminance(ink), luminance(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
  return Math.min(...ratios);
}

/** Texts of charts that lie over each other, or leave their chart. */
export function collisions() {
  return [...document.querySelectorAll("figure svg[role=img]")].flatMap((chart) => {
    const frame = chart.getBoundingClientRect();
    const texts = [...chart.querySelectorAll("text")].map((text) => ({
      text: text.textContent,
      box: text.getBoundingClientRect(),
    }));
    const outside = texts.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1);
    const crossing = texts.flatMap((one, i) =>
      texts
        .slice(i + 1)
        .filter(
          ({ box }) =>
            Math.min(one.box.right, box.right) - Math.max(one.box.left, box.left) > 1 &&
            Math.min(one.box.bottom, box.bottom) - Math.max(one.box.top, box.top) > 3,
        )
        .map((other) => `${one.text} × ${other.text}`),
    );
    return [...outside.map(({ text }) => `outside: ${text}`), ...crossing];
  });
}
