// What embedding_map.js draws: points, lines, and marks over them. Both are one script.

let seen = []; // points in sight
let badges = []; // where the numbers of the results stand
let pictured = []; // points with their picture

function dot(fill, size) {
  const sprite = document.createElement("canvas");
  sprite.width = sprite.height = Math.ceil(size) + 2;
  const brush = sprite.getContext("2d");
  brush.fillStyle = fill;
  brush.arc(sprite.width / 2, sprite.width / 2, size / 2, 0, 2 * Math.PI);
  brush.fill();
  return sprite;
}

function draw() {
  if (!data || !view || !width) return;
  const ratio = devicePixelRatio;
  const closer = Math.sqrt(Math.max(1, (data.width * view.unit) / 900));
  const size = Math.min(SIZES[value.level] * closer, LARGEST) * ratio;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  seen = [];
  groups.forEach(({ name, opacity, points }) => {
    const sprite = dot(colour(name), size);
    const half = sprite.width / 2;
    context.globalAlpha = opacity;
    for (const i of points) {
      const x = width / 2 + (data.xy[2 * i] - view.x) * view.unit; // no arrays: this is most of the work
      const y = height / 2 - (data.xy[2 * i + 1] - view.y) * view.unit;
      if (x < 0 || y < 0 || x > width || y > height) continue;
      seen.push(i);
      context.drawImage(sprite, Math.round(x * ratio - half), Math.round(y * ratio - half));
    }
  });
  context.globalAlpha = 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  badges = numbered();
  const texts = drawTexts();
  drawLines();
  drawOver();
  say(texts);
}

function outline(points, stroke, closed, thick = 1.5) {
  context.beginPath();
  points.forEach((point) => context.lineTo(...point));
  if (closed) context.closePath();
  context.strokeStyle = stroke;
  context.lineWidth = thick;
  context.stroke();
}

// So many pixels around a place, clockwise from above.
function around([x, y], far, count) {
  const turns = Array.from({ length: count }, (_, turn) => (turn / count) * 2 * Math.PI);
  return turns.map((turn) => [x + far * Math.sin(turn), y - far * Math.cos(turn)]);
}

function drawLines() {
  const polygon = trace || value.lasso.map((one) => place(...one));
  outline(polygon, colour("accent"), true);
  badges.filter(({ from, at }) => from !== at).forEach(({ from, at }) => outline([from, at], colour("edge")));
  const ring = (index, stroke) => outline(around(placeOf(index), 11, 60), stroke, true, 2.5);
  value.focus.forEach((index) => ring(index, colour("ink")));
  if (hovered !== null) ring(hovered, colour("accent"));
}

// Descriptions as small diamonds with a line to what they describe. Returns whether they are there.
function drawTexts() {
  if (!value.texts || seen.length > DESCRIPTIONS) return false;
  const line = colour("accent");
  seen.forEach((i) => {
    const [x, y] = placeOf(i, data.texts);
    outline([[x, y], placeOf(i)], line);
    outline(around([x, y], 4, 4), line, true);
  });
  return true;
}

// The numbers of the results, the best one first: at their points, or close by where a better one is.
function numbered() {
  const placed = [];
  const free = ([x, y]) => placed.every(({ at }) => Math.hypot(at[0] - x, at[1] - y) >= 2.2 * BADGE);
  value.ranked.forEach((index) => {
    const from = placeOf(index);
    const close = [6, 12, 18, 24, 30, 36, 42, 48].flatMap((far) => around(from, far, 12));
    placed.push({ index, from, at: [from, ...close].find(free) || from });
  });
  return placed;
}

// One above the other: names of regions, pictures, the query's star, numbers. Numbers and pictures
// keep their place, and names stand where they cover neither them nor each other.
function drawOver() {
  const taken = badges.map(({ at }) => ({ at, w: BADGE, h: BADGE }));
  const fits = (at, w, h) => {
    const inside = at[0] > w && at[1] > h && at[0] < width - w && at[1] < height - h;
    const free = inside && taken.every((one) => Math.abs(one.at[0] - at[0]) > one.w + w || Math.abs(one.at[1] - at[1]) > one.h + h);
    if (free) taken.push({ at, w, h });
    return free;
  };
  const marks = [];
  pictured = [];
  if (seen.length <= PICTURES) {
    pictured = seen.filter((i) => known.has(i) && fits(placeOf(i), PICTURE[0] / 2 + 3, PICTURE[1] / 2 + 3));
    marks.push(...pictured.map((i) => mark("picture", placeOf(i), picture(i))));
  }
  const enlarged = Math.max(1, (data.width * view.unit) / width);
  const { regions = [] } = data.regions.filter(({ zoom }) => zoom <= enlarged).at(-1) || {};
  regions.forEach(({ name, x, y }) => {
    if (fits(place(x, y), name.length * 3.7, 10)) marks.push(mark("region", place(x, y), name));
  });
  if (value.star) marks.push(mark("star", place(...value.star), "★"));
  badges.forEach(({ at }, rank) => marks.push(mark("number", at, rank + 1)));
  over.replaceChildren(...marks);
}

function mark(kind, [x, y], content) {
  const node = document.createElement("span");
  node.className = `over-${kind}`;
  node.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
  node.append(content);
  return node;
}

function picture(index) {
  const point = known.get(index);
  point.image ||= Object.assign(new Image(...PICTURE), { src: point.small, alt: "" });
  return point.image;
}

function say(texts) {
  const [few, all] = [seen.length, data.count].map((number) => number.toLocaleString("en"));
  const more = value.texts && !texts ? " Zoom in to see descriptions." : "";
  element.querySelector(".map-said").textContent = `${few} of ${all} ${value.level}s in sight.${more}`;
}
